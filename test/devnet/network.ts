import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type Hex, keccak256 } from 'viem';
import type { SignedAnswer } from './answers.ts';
import { startBlobStore } from './blobStore.ts';
import { type ChainOptions, DEFAULT_PCR, type DevChain, startChain } from './chain.ts';
import { type Settled, startFacilitator } from './facilitator.ts';
import { DevGateway } from './gateway.ts';
import { deployGovernance } from './governance.ts';
import { startHub } from './hub.ts';
import { deployInference } from './inference.ts';
import { startPayments } from './payments.ts';
import { deploySettlements } from './settlements.ts';
import { startUploads } from './uploads.ts';

export interface NetworkOptions extends ChainOptions {
  /** How long the network has existed already: heartbeats of that time are put on chain before it runs. */
  pastDays?: number;
  gateways?: number;
  /** Answers of each gateway between two beats of that past, settled in batches with the beats; default none. */
  pastAnswers?: number;
  /** Only so many hours of that past have answers; default all. */
  pastAnswerHours?: number;
  /** A second chain where inference is paid for; otherwise payments are not configured. */
  payments?: boolean;
  /** Of one power each; default five. */
  validators?: number;
  /** Registrations besides that listen nowhere and never beat, each of an owner of its own. */
  silent?: number;
}

const INTERVAL_SECONDS = 900;
const OWNERS: readonly Hex[] = [
  '0xa11ce00000000000000000000000000000000001',
  '0xb0b0000000000000000000000000000000000002',
];
const NAMES = ['amber', 'birch', 'cedar', 'delta', 'ember', 'flint'] as const;
const LATENCIES_MS = [8, 25, 12, 60, 15, 110];

export type DevNetwork = Awaited<ReturnType<typeof startNetwork>>;

/**
 * A whole small network on loopback: a real chain with registry, relays, inference contracts, proposals and validators,
 * gateways that beat and answer, storage, a model hub, and a facilitator that settles.
 */
export async function startNetwork(options: NetworkOptions = {}) {
  const {
    pastDays = 0,
    pastAnswers = 0,
    pastAnswerHours = Infinity,
    gateways: count = 6,
    silent = 0,
    validators = 5,
    payments: withPayments = false,
    ...chainOptions
  } = options;
  const now = Math.floor(Date.now() / 1000);
  const startSeconds = chainOptions.startSeconds ?? now - Math.round(pastDays * 86_400) - 7_200;
  const [chain, blobs, hub, ...gateways] = await Promise.all([
    startChain({ ...chainOptions, startSeconds }),
    startBlobStore(),
    startHub(),
    ...NAMES.slice(0, count).map((name, index) => DevGateway.start(name, LATENCIES_MS[index])),
  ]);
  const payments = withPayments ? await startPayments(startSeconds) : null;
  const settlements = await deploySettlements(chain);
  const inference = await deployInference(chain);
  const governance = await deployGovernance(chain, { validators });
  const facilitator = await startFacilitator(chain, settlements, blobs);
  const uploads = startUploads({ blobs, hub, inference, nowSeconds: chain.nowSeconds });
  let asked = 0;
  const nextBeat = new Map<DevGateway, number>();

  const register = async (gateway: DevGateway, index: number): Promise<void> => {
    gateway.registry = chain.registry;
    await chain.registerTee({
      publicKeyDer: gateway.publicKeyDer,
      tlsCertificateDer: gateway.tlsCertificateDer,
      endpoint: gateway.endpoint,
      owner: OWNERS[index % 2] as Hex,
      teeType: index === 5 ? 1 : 0,
      ...(index === 0 ? { ohttpKey: new Uint8Array(32).fill(7) } : {}),
    });
    nextBeat.set(gateway, chain.nowSeconds() + INTERVAL_SECONDS);
  };
  for (const [index, gateway] of gateways.entries()) await register(gateway, index);
  const silentIds = await registerSilent(chain, silent);
  const settlePast = async (beating: readonly DevGateway[], at: number): Promise<void> => {
    if (at < now - 7_200 - pastAnswerHours * 3_600) return;
    const answers = beating.flatMap((gateway, index) =>
      Array.from({ length: pastAnswers }, (_, turn) => {
        asked += 1;
        const signedAt = at - 30 - ((index * 191 + turn * 67 + at) % (INTERVAL_SECONDS - 60));
        return gateway.answer(`question ${asked}`, `answer to ${asked}`, signedAt);
      }),
    );
    await facilitator.settlePast(answers, at);
  };
  if (pastDays > 0) await putPastOnChain(chain, gateways, now - 7_200, settlePast);
  for (const gateway of gateways) nextBeat.set(gateway, chain.nowSeconds() + 60);

  let working: Promise<unknown> | null = null;
  let stopped = false;
  const find = (name: string): DevGateway => {
    const gateway = gateways.find((one) => one.name === name);
    if (gateway === undefined) throw new Error(`no gateway is called ${name}`);
    return gateway;
  };
  /** So many inferences of one gateway, signed now, handed to the facilitator. */
  function infer(name: string, count = 1, mode: 'batch' | 'individual' | 'private' = 'batch'): SignedAnswer[] {
    return Array.from({ length: count }, () => {
      asked += 1;
      const answer = find(name).answer(`question ${asked}`, `answer to ${asked}`, chain.nowSeconds());
      facilitator.submit(answer, mode);
      return answer;
    });
  }
  const beatDue = async (): Promise<void> => {
    for (const gateway of gateways) {
      // Each beat waits for its block.
      if (stopped) return;
      if (!gateway.alive || chain.nowSeconds() < (nextBeat.get(gateway) ?? 0)) continue;
      nextBeat.set(gateway, chain.nowSeconds() + INTERVAL_SECONDS);
      await chain.heartbeat(gateway.beat(chain.nowSeconds())).catch(() => undefined);
    }
  };

  return {
    chain,
    gateways,
    silentIds,
    find,
    blobs,
    hub,
    settlements,
    inference,
    governance,
    facilitator,
    uploads,
    payments,
    /** What the bot's environment must say to watch this network. */
    env: {
      OG_RPC_URLS: chain.rpcUrl,
      OG_CHAIN_ID: String(chain.chainId),
      OG_TEE_REGISTRY: chain.registry,
      OG_SETTLEMENT_RELAYS: chain.relay,
      OG_HUB_URL: hub.url,
      WALRUS_AGGREGATOR_URLS: blobs.url,
      OG_FACILITATOR_URL: facilitator.url,
      OG_INFERENCE_ADDRESSES: `${inference.precompile},${inference.inferenceHub}`,
      OG_SCHEDULER: inference.scheduler,
      // The precompiles stand at their usual addresses.
      OG_GOVERNANCE_INTERVAL_SECONDS: '1',
      ...payments?.env,
      ALLOW_PRIVATE_ENDPOINTS: 'true',
    },
    /**
     * Blocks come by themselves, each `secondsPerBlock` later; living gateways beat every 15 minutes of chain time, answers
     * are settled and uploads listed when they are due.
     */
    run(secondsPerBlock: number, everyMs?: number): void {
      chain.run(secondsPerBlock, everyMs);
      payments?.chain.run(secondsPerBlock, everyMs);
      const keepDoing = async (work: () => Promise<unknown>): Promise<void> => {
        while (!stopped) {
          await work().catch(() => undefined);
          await delay(200);
        }
      };
      // Side by side: a beat waits for its block, and an answer must not wait for the beats.
      working = Promise.all([
        keepDoing(beatDue),
        keepDoing(facilitator.tick),
        keepDoing(async () => void uploads.tick()),
      ]);
    },
    infer,
    /** Inferences settled at once. */
    async settle(name: string, count = 1, mode: 'batch' | 'individual' = 'batch'): Promise<Settled[]> {
      infer(name, count, mode);
      return await facilitator.flush();
    },
    /** A beat of one gateway now, whatever its schedule. */
    async beat(name: string): Promise<void> {
      const gateway = find(name);
      await chain.heartbeat(gateway.beat(chain.nowSeconds()));
      nextBeat.set(gateway, chain.nowSeconds() + INTERVAL_SECONDS);
    },
    stopNode: (name: string): Promise<void> => find(name).stop(),
    async returnNode(name: string): Promise<void> {
      await find(name).listen();
      nextBeat.set(find(name), 0);
    },
    swapCertificate: (name: string): Promise<void> => find(name).swapCertificate(),
    disable: (name: string): Promise<Hex> => chain.disable(find(name).teeId),
    enable: (name: string): Promise<Hex> => chain.enable(find(name).teeId),
    revokePcr: (teeType = 0): Promise<Hex> => chain.revokePcr(DEFAULT_PCR, teeType),
    async restartEnclave(name: string): Promise<void> {
      const gateway = find(name);
      await gateway.restart();
      await register(gateway, gateways.indexOf(gateway));
    },
    async close(): Promise<void> {
      stopped = true;
      await working;
      const servers = [blobs, hub, facilitator, chain, ...(payments ? [payments] : [])];
      await Promise.all([...gateways.map((gateway) => gateway.stop()), ...servers.map((one) => one.close())]);
    },
  };
}

async function registerSilent(chain: DevChain, count: number): Promise<Hex[]> {
  const keys = Array.from({ length: count }, () => randomBytes(294));
  await chain.registerTees(
    keys.map((publicKeyDer, index) => ({
      publicKeyDer,
      tlsCertificateDer: randomBytes(800),
      endpoint: `https://127.0.0.1:${1 + index}`,
      owner: `0x${(0xc0ffee + index).toString(16).padStart(40, '0')}`,
    })),
  );
  return keys.map((key) => keccak256(key));
}

/** Every gateway beat every 15 minutes, but for one outage of `delta`: three hours, a day and a half ago. */
async function putPastOnChain(
  chain: DevChain,
  gateways: readonly DevGateway[],
  untilSeconds: number,
  settle: (beating: readonly DevGateway[], atSeconds: number) => Promise<void>,
): Promise<void> {
  const outage = { from: untilSeconds - 129_600, to: untilSeconds - 118_800 };
  for (let at = chain.nowSeconds() + INTERVAL_SECONDS; at < untilSeconds; at += INTERVAL_SECONDS) {
    const beating = gateways.filter(({ name }) => name !== 'delta' || at < outage.from || at > outage.to);
    await settle(beating, at);
    await chain.beatRound(
      beating.map((gateway) => gateway.beat(at)),
      at,
    );
  }
}
