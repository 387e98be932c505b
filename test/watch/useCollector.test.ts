import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CollectOutcome } from '../../src/watch/collector.ts';
import { type LogFollower, READING_HISTORY } from '../../src/watch/followLogs.ts';
import { UseCollector } from '../../src/watch/useCollector.ts';
import { type DevNetwork, startNetwork } from '../devnet/network.ts';
import { RPC_FAULTS, type RpcProxy, startRpcProxy } from '../rigs/rpcProxy.ts';
import { type TemporaryStore, temporaryStore } from '../rigs/store.ts';
import { SteppingClock } from '../support/steppingClock.ts';
import { type ChainRig, type ChainRigOptions, startChainRig } from './chainRig.ts';

const idOf = (letter: string): string => letter.repeat(43);

let network: DevNetwork;
let rpc: RpcProxy;
let rig: TemporaryStore;
let rigs: ChainRig[];

beforeEach(async () => {
  network = await startNetwork({ gateways: 1 });
  rpc = await startRpcProxy(network.chain.rpcUrl);
  rig = await temporaryStore();
  rigs = [];
});
afterEach(async () => {
  for (const one of rigs) await one.stop();
  await Promise.all([rpc.close(), network.close(), rig.cleanup()]);
});

function start(more: Partial<ChainRigOptions> = {}): ChainRig {
  const watch = startChainRig({
    ...{ chain: network.chain, urls: [rpc.url], store: rig.store, clock: new SteppingClock() },
    inferenceAddresses: [network.inference.precompile, network.inference.inferenceHub],
    scheduler: network.inference.scheduler,
    ...more,
  });
  rigs.push(watch);
  return watch;
}
const uses = async (letter: string): Promise<number | undefined> =>
  (await rig.store.models.blob(idOf(letter)))?.blob.uses;

test('counts uses by precompile, hub and workflow, from before and from now on, each once', async () => {
  const { inference } = network;
  await inference.infer(idOf('A'));
  const workflow = await inference.schedule(idOf('C'));
  await inference.runWorkflow(workflow);
  await start().round();
  await inference.infer(idOf('A'));
  await inference.runOnHub(idOf('B'));
  const watch = start();
  await watch.round();
  await watch.round();
  expect(await Promise.all(['A', 'B', 'C'].map(uses))).toEqual([2, 1, 1]);
});

test('a workflow that was scheduled and ran between two rounds is not missed', async () => {
  const { inference } = network;
  const watch = start();
  await watch.round();
  const workflow = await inference.schedule(idOf('D'));
  await inference.runWorkflow(workflow);
  await watch.round();
  await inference.stopTask(workflow);
  await inference.runWorkflow(workflow);
  await watch.round();
  expect(await uses('D')).toBe(2);
});

test('while the scheduler cannot be read nothing is passed over', async () => {
  const { inference } = network;
  const watch = start();
  await watch.round();
  const workflow = await inference.schedule(idOf('E'));
  await inference.runWorkflow(workflow);
  await watch.registry();
  rpc.inject('eth_call', RPC_FAULTS.serverError);
  await expect(watch.uses()).rejects.toThrow('no RPC of the network answered');
  rpc.heal();
  await watch.round();
  expect(await uses('E')).toBe(1);
});

test('without addresses and without a scheduler there is none', async () => {
  expect(await start({ inferenceAddresses: [], scheduler: null }).uses()).toBeUndefined();
});

test('while its history is being read the end of that is looked for often', async () => {
  const found: CollectOutcome[] = [{ kind: 'stale', shortError: READING_HISTORY, sinceMs: 0 }, { kind: 'fresh' }];
  const logs = { follow: async () => found.shift() } as unknown as LogFollower<unknown>;
  const parts = { addresses: [network.inference.precompile], scheduler: null, pollIntervalMs: 1_000 };
  const collector = new UseCollector(
    { ...parts, logs, client: {} as never, reset: { believed: null } as never },
    new Map(),
  );
  const { signal } = new AbortController();
  await collector.collect(signal);
  expect(collector.everyMs).toBe(3_000);
  await collector.collect(signal);
  expect(collector.everyMs).toBe(30_000);
});
