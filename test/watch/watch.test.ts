import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { defaultThresholds } from '../../src/insight/nodeHealth.ts';
import { defaultProofThresholds } from '../../src/insight/proofLabels.ts';
import { REGISTRY_SOURCE } from '../../src/lib/facts.ts';
import { SET_SOURCE } from '../../src/lib/influence.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { HUB_SOURCE, STORAGE_SOURCE, USE_SOURCE } from '../../src/lib/modelFacts.ts';
import { FACILITATOR_SOURCE, PAYMENT_SOURCE, PROOF_SOURCE, SETTLEMENT_SOURCE } from '../../src/lib/proofFacts.ts';
import { GATEWAY_SOURCE } from '../../src/watch/gatewayCollector.ts';
import { type NetworkOptions, startWatch, type Watch } from '../../src/watch/watch.ts';
import { type DevChain, startChain } from '../devnet/chain.ts';
import { DevGateway } from '../devnet/gateway.ts';
import { startNetwork } from '../devnet/network.ts';
import { RPC_FAULTS, type RpcProxy, startRpcProxy } from '../rigs/rpcProxy.ts';
import { type TemporaryStore, temporaryStore } from '../rigs/store.ts';
import { makeCollector, ShiftedClock, someTee } from './harness.ts';
import { NOTHING_BESIDES } from './options.ts';

const ALL_SOURCES = [
  ...[REGISTRY_SOURCE, GATEWAY_SOURCE, SETTLEMENT_SOURCE, PROOF_SOURCE, HUB_SOURCE, STORAGE_SOURCE],
  ...[USE_SOURCE, FACILITATOR_SOURCE, PAYMENT_SOURCE],
];

let chain: DevChain;
let gateway: DevGateway;
let rpc: RpcProxy;
let rig: TemporaryStore;
let clock: ShiftedClock;
let watch: Watch | null = null;
let judged: number;
let notices: string[];

beforeAll(async () => {
  [chain, gateway] = await Promise.all([startChain(), DevGateway.start('amber')]);
  rpc = await startRpcProxy(chain.rpcUrl);
  const { endpoint, publicKeyDer, tlsCertificateDer } = gateway;
  await chain.registerTee({ endpoint, publicKeyDer, tlsCertificateDer });
});
afterAll(() => Promise.all([rpc.close(), gateway.stop(), chain.close()]));

beforeEach(async () => {
  rpc.heal();
  rpc.target = chain.rpcUrl;
  rig = await temporaryStore();
  clock = new ShiftedClock();
  judged = 0;
  notices = [];
});
afterEach(async () => {
  await watch?.stop();
  watch = null;
  await rig.cleanup();
});

/** Everything as in production, but polling fast. */
async function start(teeRegistry = chain.registry, more: Partial<NetworkOptions> = {}): Promise<void> {
  watch = await startWatch({
    store: rig.store,
    clock,
    random: () => 0.5,
    logger: createLogger('silent'),
    governance: [],
    opengradient: {
      rpcUrls: [rpc.url],
      chainId: chain.chainId,
      teeRegistry,
      pollIntervalMs: 20,
      fullReadIntervalMs: 300_000,
      probeIntervalMs: 50,
      probeConcurrency: 4,
      backfillDays: 30,
      confirmations: 1,
      ...NOTHING_BESIDES,
      ...more,
    },
    thresholds: defaultThresholds,
    proofThresholds: defaultProofThresholds,
    allowPrivateEndpoints: true,
    async evaluate() {
      judged += 1;
    },
    notice: (text) => notices.push(text),
  });
}
const status = async (source = REGISTRY_SOURCE) => await rig.store.sources.get(source);
const until = async (condition: () => Promise<boolean> | boolean): Promise<void> => {
  await expect.poll(condition, { timeout: 15_000, interval: 20 }).toBe(true);
};

test('from an empty store: registry, history and probes arrive, and what arrives is judged', async () => {
  await start();
  await watch?.firstRound;
  await until(async () => {
    const facts = await rig.store.nodes.facts();
    return facts?.nodes.some(({ probes }) => probes.get(gateway.teeId)?.outcome === 'ok') ?? false;
  });
  await until(async () => (await rig.store.nodes.events({ teeIds: [gateway.teeId], limit: 5 })).length === 1);
  await until(async () => (await status())?.state === 'fresh' && (await status(GATEWAY_SOURCE))?.state === 'fresh');
  await until(() => judged > 2);
  const teeId = await chain.registerTee(someTee());
  await until(async () => (await rig.store.nodes.events({ teeIds: [teeId], limit: 5 })).length === 1);
});

test.each([
  ['HTTP 500', RPC_FAULTS.serverError, 'HTTP 500'],
  ['HTTP 429', RPC_FAULTS.tooManyRequests, 'HTTP 429'],
  ['garbage', RPC_FAULTS.cutJson, 'an answer that is not JSON-RPC'],
  ['broken connections', RPC_FAULTS.cut, 'could not connect'],
])('an RPC that gives %s makes the source fail with that cause, and recover', async (_, fault, cause) => {
  await start();
  await until(async () => (await status())?.state === 'fresh');
  rpc.inject('*', fault);
  await until(async () => (await status())?.state === 'failing');
  expect(await status()).toMatchObject({
    shortError: 'no RPC of the network answered',
    error: expect.stringContaining(cause),
  });
  expect((await status())?.error).not.toContain('secret-key');
  // Facts stay as they were last known.
  expect((await rig.store.nodes.facts())?.nodes.length).toBeGreaterThan(0);
  rpc.heal();
  await until(async () => (await status())?.state === 'fresh');
  expect(await status()).toMatchObject({ error: null, shortError: null, failingSinceMs: null });
});

test('a wrong chain id stands in the status with both ids', async () => {
  rpc.chainId = 1;
  await start();
  await until(async () => (await status())?.state === 'failing');
  expect((await status())?.shortError).toContain('serves chain 1, but chain 10740 is configured');
  expect(await rig.store.nodes.facts()).toBeNull();
});

test('an address without a registry stands in the status, and nothing is said about nodes', async () => {
  await start(`0x${'9'.repeat(40)}`);
  await until(async () => (await status())?.state === 'failing');
  expect((await status())?.shortError).toBe('there is no registry at 0x999999…9999');
  expect((await status())?.error).toContain('OG_TEE_REGISTRY');
  expect(await rig.store.nodes.facts()).toBeNull();
});

test('a chain that is reset under the running bot is refused, then believed, said and followed', async () => {
  for (let n = 0; n < 10; n += 1) await chain.mine();
  await start();
  await until(async () => (await status())?.state === 'fresh');
  const oldHead = await chain.client.getBlockNumber({ cacheTime: 0 });
  await until(async () => (await rig.store.nodes.facts())?.registry.block.number === oldHead);
  const fresh = await startChain({ startSeconds: chain.nowSeconds() + 5 });
  try {
    const head = await fresh.client.getBlockNumber({ cacheTime: 0 });
    rpc.target = fresh.rpcUrl;
    rpc.calls.length = 0;
    await until(() => rpc.count('eth_getBlockByNumber') > 3);
    expect(await status()).toMatchObject({ state: 'fresh', shortError: null });
    expect(notices).toEqual([]);
    clock.advance(61_000);
    await until(async () => (await status())?.shortError !== null);
    expect((await status())?.state).toBe('fresh');
    expect(notices).toEqual([`the chain was reset: head went from ${oldHead} to ${head}`]);
    expect((await status())?.shortError).toBe(notices[0]);
    const teeId = await fresh.registerTee(someTee());
    await until(async () => (await rig.store.nodes.events({ teeIds: [teeId], limit: 5 })).length === 1);
    expect(notices).toHaveLength(1);
  } finally {
    await watch?.stop();
    await fresh.close();
  }
});

test('stops at once although the RPC hangs', async () => {
  await start();
  await until(async () => (await status())?.state === 'fresh');
  rpc.inject('*', RPC_FAULTS.hang);
  rpc.calls.length = 0;
  await until(() => rpc.calls.length > 0);
  const startedAt = Date.now();
  await watch?.stop();
  // A node has 10 s to answer.
  expect(Date.now() - startedAt).toBeLessThan(4_000);
  expect((await status())?.state).toBe('fresh');
});

test('what is too old is dropped soon after the start, not an hour later', async () => {
  const hour = Math.floor(clock.now() / 3_600_000) - 401 * 24;
  await makeCollector({ urls: [rpc.url], chain, store: rig.store, clock }).round();
  const nodeId = (await rig.store.nodes.facts())?.nodes[0]?.id ?? 0;
  const counted = { beats: 1, coveredSeconds: 1, activeSeconds: 1, probes: 0, reached: 0, latencyHistogram: null };
  await rig.store.history.addHours([{ nodeId, hour, ...counted }]);
  const query = { nodeIds: [nodeId], fromHour: hour, toHour: hour };
  expect(await rig.store.history.hours(query)).toHaveLength(1);
  await start();
  await until(async () => (await rig.store.history.hours(query)).length === 0);
});

test('stops in the middle of everything, and asks nothing any more', async () => {
  await start();
  await until(async () => (await status())?.state === 'fresh');
  await watch?.stop();
  // What was on its way to the node may still arrive there.
  const arriving = async (): Promise<number> => {
    rpc.calls.length = 0;
    await new Promise((resolve) => setTimeout(resolve, 200));
    return rpc.calls.length;
  };
  await expect.poll(arriving, { timeout: 3_000, interval: 1 }).toBe(0);
});

test('sources that are not configured have no status', async () => {
  await start();
  await until(async () => (await status(PROOF_SOURCE))?.state === 'fresh');
  await until(async () => (await status(SETTLEMENT_SOURCE))?.state === 'fresh');
  const sources = (await rig.store.sources.list()).map(({ source }) => source);
  expect(sources.sort()).toEqual([GATEWAY_SOURCE, PROOF_SOURCE, REGISTRY_SOURCE, SETTLEMENT_SOURCE, SET_SOURCE].sort());
});

test('a whole network: every source is read, answers are checked, and all of it ends at once', async () => {
  const network = await startNetwork({ gateways: 1, payments: true });
  try {
    const { hub, blobs, facilitator, inference, payments, uploads } = network;
    const upload = await uploads.upload({ delaySeconds: 0 });
    uploads.tick();
    await inference.infer(upload.blobId);
    const [batch] = await network.settle('amber', 3);
    rpc.target = network.chain.rpcUrl;
    await start(network.chain.registry, {
      settlementRelays: [network.chain.relay],
      hubUrl: hub.url,
      aggregatorUrls: [blobs.url],
      facilitatorUrl: facilitator.url,
      inferenceAddresses: [inference.precompile],
      scheduler: inference.scheduler,
      payments: payments && {
        ...{ rpcUrls: [payments.chain.rpcUrl], chainId: 8_453, token: payments.token },
        payees: [payments.env.BASE_PAYEES],
      },
    });
    for (const source of ALL_SOURCES) await until(async () => (await status(source))?.state === 'fresh');
    await until(async () => (await rig.store.proofs.byHash(batch?.txHash ?? '0x'))[0]?.state === 'verified');
    await until(async () => {
      const { blob } = (await rig.store.models.blob(upload.blobId)) ?? {};
      return blob?.listedAtFirst === true && blob.completeAtMs !== null && blob.uses === 1;
    });
    rpc.inject('*', RPC_FAULTS.hang);
    blobs.failAll('hang');
    hub.state.fault = 'hang';
    const startedAt = Date.now();
    await watch?.stop();
    expect(Date.now() - startedAt).toBeLessThan(4_000);
  } finally {
    await network.close();
  }
});
