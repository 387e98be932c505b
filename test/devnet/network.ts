import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type Hex, keccak256 } from 'viem';
import { type ChainOptions, DEFAULT_PCR, type DevChain, startChain } from './chain.ts';
import { DevGateway } from './gateway.ts';

export interface NetworkOptions extends ChainOptions {
  /** How long the network has existed already: heartbeats of that time are put on chain before it runs. */
  pastDays?: number;
  gateways?: number;
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

/** A whole small network on loopback: a real chain with the registry, and gateways that beat. */
export async function startNetwork(options: NetworkOptions = {}) {
  const { pastDays = 0, gateways: count = 6, silent = 0, ...chainOptions } = options;
  const now = Math.floor(Date.now() / 1000);
  const startSeconds = chainOptions.startSeconds ?? now - Math.round(pastDays * 86_400) - 7_200;
  const [chain, ...gateways] = await Promise.all([
    startChain({ ...chainOptions, startSeconds }),
    ...NAMES.slice(0, count).map((name, index) => DevGateway.start(name, LATENCIES_MS[index])),
  ]);
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
  if (pastDays > 0) await putPastOnChain(chain, gateways, now - 7_200);
  for (const gateway of gateways) nextBeat.set(gateway, chain.nowSeconds() + 60);

  let beating: Promise<void> | null = null;
  let stopped = false;
  const find = (name: string): DevGateway => {
    const gateway = gateways.find((one) => one.name === name);
    if (gateway === undefined) throw new Error(`no gateway is called ${name}`);
    return gateway;
  };
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
    /** What the bot's environment must say to watch this network. */
    env: {
      OG_RPC_URLS: chain.rpcUrl,
      OG_CHAIN_ID: String(chain.chainId),
      OG_TEE_REGISTRY: chain.registry,
      OG_SETTLEMENT_RELAYS: chain.relay,
      ALLOW_PRIVATE_ENDPOINTS: 'true',
    },
    /** Blocks come by themselves, each `secondsPerBlock` later, and living gateways beat every 15 minutes of chain time. */
    run(secondsPerBlock: number, everyMs?: number): void {
      chain.run(secondsPerBlock, everyMs);
      beating = (async () => {
        while (!stopped) {
          await beatDue().catch(() => undefined);
          await delay(200);
        }
      })();
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
      await beating;
      await Promise.all([...gateways.map((gateway) => gateway.stop()), chain.close()]);
    },
  };
}

/** Every gateway beat every 15 minutes, but for one outage of `delta`: three hours, a day and a half ago. */
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

async function putPastOnChain(
  chain: Awaited<ReturnType<typeof startChain>>,
  gateways: readonly DevGateway[],
  untilSeconds: number,
): Promise<void> {
  const outage = { from: untilSeconds - 129_600, to: untilSeconds - 118_800 };
  for (let at = chain.nowSeconds() + INTERVAL_SECONDS; at < untilSeconds; at += INTERVAL_SECONDS) {
    const beating = gateways.filter(({ name }) => name !== 'delta' || at < outage.from || at > outage.to);
    await chain.beatRound(
      beating.map((gateway) => gateway.beat(at)),
      at,
    );
  }
}
