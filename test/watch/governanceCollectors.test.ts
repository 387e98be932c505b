import { afterEach, beforeEach, expect, test } from 'vitest';
import { defaultThresholds } from '../../src/insight/nodeHealth.ts';
import { defaultProofThresholds } from '../../src/insight/proofLabels.ts';
import { GOVERNANCE_SOURCE, VALIDATOR_SOURCE } from '../../src/lib/governanceFacts.ts';
import type { GovernanceRow } from '../../src/lib/governanceRow.ts';
import { SET_SOURCE } from '../../src/lib/influence.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { startWatch, type Watch } from '../../src/watch/watch.ts';
import { type DevChain, startChain } from '../devnet/chain.ts';
import { deployGovernance, GOV_PRECOMPILE } from '../devnet/governance.ts';
import { deployGovernor, governorRow } from '../devnet/governor.ts';
import { SLASHING_PRECOMPILE, STAKING_PRECOMPILE } from '../devnet/validators.ts';
import { RPC_FAULTS, type RpcProxy, startRpcProxy } from '../rigs/rpcProxy.ts';
import { type TemporaryStore, temporaryStore } from '../rigs/store.ts';
import { startWebServer, type WebServer } from '../rigs/webServer.ts';
import { ShiftedClock } from './harness.ts';
import { NOTHING_BESIDES } from './options.ts';

let chain: DevChain;
let rpc: RpcProxy;
let rig: TemporaryStore;
let web: WebServer;
let watch: Watch | null;

beforeEach(async () => {
  chain = await startChain();
  rpc = await startRpcProxy(chain.rpcUrl);
  rig = await temporaryStore();
  web = await startWebServer(() => ({ status: 500, body: '' }));
  watch = null;
});
afterEach(async () => {
  await watch?.stop();
  await Promise.all([rpc.close(), chain.close(), rig.cleanup(), web.close()]);
});

async function start(governance: GovernanceRow[]): Promise<void> {
  watch = await startWatch({
    ...{ store: rig.store, clock: new ShiftedClock(), random: () => 0.5, logger: createLogger('silent') },
    opengradient: {
      ...NOTHING_BESIDES,
      ...{
        rpcUrls: [rpc.url],
        chainId: chain.chainId,
        teeRegistry: chain.registry,
        backfillDays: 30,
        confirmations: 1,
      },
      ...{ pollIntervalMs: 20, fullReadIntervalMs: 300_000, probeIntervalMs: 1_000, probeConcurrency: 1 },
      precompiles: { gov: GOV_PRECOMPILE, staking: STAKING_PRECOMPILE, slashing: SLASHING_PRECOMPILE },
      governanceIntervalMs: 50,
    },
    ...{ governance, thresholds: defaultThresholds, proofThresholds: defaultProofThresholds },
    ...{ allowPrivateEndpoints: true, evaluate: async () => undefined, notice: () => undefined },
  });
}
const until = async (condition: () => Promise<boolean>): Promise<void> => {
  await expect.poll(condition, { timeout: 15_000, interval: 20 }).toBe(true);
};
const stateOf = async (source: string) => (await rig.store.sources.get(source))?.state;

test('every kind of row is read, whether or not this network’s chain answers', async () => {
  const dao = await deployGovernor(chain);
  await dao.mintVotes(chain.accounts.admin, 1n);
  await dao.propose(chain.accounts.admin, 'Elsewhere');
  const { intervalSeconds: _, ...governed } = governorRow(dao, { rpcUrl: chain.rpcUrl });
  const onChain = { rpcUrls: [chain.rpcUrl], chainId: chain.chainId, startBlock: 0n, confirmations: 1 };
  const named = { title: 'Elsewhere', intervalMs: 50 };
  const nobody = `0x${'9'.repeat(40)}` as const;
  rpc.inject('*', RPC_FAULTS.hang);
  await start([
    { ...governed, ...named, rpcUrls: [chain.rpcUrl], startBlock: 0n, token: null },
    { ...onChain, ...named, kind: 've-season', network: 'locked', escrow: nobody, token: null },
    { ...onChain, ...named, kind: 'curve', network: 'curved', escrow: nobody, controller: nobody },
    { ...named, kind: 'snapshot', network: 'snapped', space: 'some.eth', api: web.url, apiKey: null },
    { ...named, kind: 'holders', network: 'held', api: web.url, token: nobody, symbol: 'X', exclude: {}, limit: 10 },
  ]);
  await until(async () => (await stateOf('governed.governor')) === 'fresh');
  const query = { sources: ['governed.governor'], statuses: [], limit: 10, offset: 0 };
  expect((await rig.store.governance.proposals({ ...query, statuses: ['pending', 'voting'] })).total).toBe(1);
  await until(async () => (await stateOf(SET_SOURCE)) === 'fresh');
  for (const source of ['locked.votes', 'curved.votes', 'snapped.snapshot', 'held.holders']) {
    await until(async () => (await stateOf(source)) === 'failing');
  }
  expect(await stateOf(GOVERNANCE_SOURCE)).toBeUndefined();
}, 30_000);

test('proposals and validators of this network are read at the head that the registry’s collector found', async () => {
  const gov = await deployGovernance(chain);
  const id = await gov.submit();
  await start([]);
  await until(
    async () => (await stateOf(GOVERNANCE_SOURCE)) === 'fresh' && (await stateOf(VALIDATOR_SOURCE)) === 'fresh',
  );
  expect(await rig.store.governance.findProposal([GOVERNANCE_SOURCE], String(id))).toMatchObject({ status: 'voting' });
  expect(await rig.store.governance.validators(VALIDATOR_SOURCE)).toHaveLength(5);
});
