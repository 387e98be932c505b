import { type Abi, type Hex, parseAbi } from 'viem';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CurveRow } from '../../src/lib/governanceRow.ts';
import { curveCollector } from '../../src/watch/curveCollector.ts';
import { type DevChain, startChain } from '../devnet/chain.ts';
import { compileContracts } from '../devnet/compile.ts';
import { type DevCurve, deployCurve, WEEK_SECONDS } from '../devnet/curve.ts';
import { startRpcProxy } from '../rigs/rpcProxy.ts';
import { type TemporaryStore, temporaryStore } from '../rigs/store.ts';
import { governanceTools } from './veRig.ts';

const SOURCE = 'curved.votes';
const YEAR_SECONDS = 365 * 86_400;
const DCV = 10n ** 18n;
const who = (number: number): Hex => `0x${number.toString(16).padStart(40, '0')}`;
const [alice, bob, carol] = [who(0xa1), who(0xb0b), who(0xca)];
const escrowAbi = parseAbi([
  'function balanceOf(address) view returns (uint256)',
  'function totalSupply() view returns (uint256)',
  'function supply() view returns (uint256)',
]);

let temporary: TemporaryStore;
let chain: DevChain;
let curve: DevCurve;
let stop: () => void = () => undefined;

beforeEach(async () => {
  temporary = await temporaryStore();
  chain = await startChain();
  curve = await deployCurve(chain);
});
afterEach(async () => {
  stop();
  await chain.close();
  await temporary.cleanup();
});

function startRig(more: Partial<CurveRow> = {}) {
  const made = governanceTools(temporary.store);
  stop = made.stop;
  const row: CurveRow = {
    ...{ kind: 'curve', network: 'curved', title: 'Curved', intervalMs: 1_000, confirmations: 1 },
    ...{ rpcUrls: [chain.rpcUrl], chainId: chain.chainId, startBlock: curve.startBlock },
    ...{ escrow: curve.escrow, controller: curve.controller },
    ...more,
  };
  const collector = curveCollector(row, made.tools);
  return {
    ...made,
    async round() {
      await collector.collect(made.tools.signal);
      await collector.settled();
      const outcome = await collector.collect(made.tools.signal);
      await collector.settled();
      return outcome;
    },
    async reading() {
      const reading = await temporary.store.gauges.reading(SOURCE);
      if (reading === null) throw new Error('nothing was read');
      return reading;
    },
  };
}

const [gauge, other] = (() => {
  const get = (index: number) => () => (curve.gauges[index] as Hex).toLowerCase() as Hex;
  return [get(0), get(1)];
})();
const ask = (abi: Abi, address: Hex, functionName: string, args: unknown[], blockNumber: bigint) =>
  chain.client.readContract({ abi, address, functionName, args, blockNumber } as never) as Promise<unknown>;

async function someVotes(): Promise<void> {
  for (const [owner, amount] of [
    [alice, 1_000n],
    [bob, 300n],
    [carol, 5n],
  ] as const) {
    await curve.mint(owner, amount * DCV);
    await curve.lock(owner, amount * DCV, owner === carol ? YEAR_SECONDS : 4 * YEAR_SECONDS);
  }
  await curve.vote(alice, gauge(), 7_000);
  await curve.vote(alice, other(), 3_000);
  await curve.vote(bob, gauge(), 10_000);
}

test('locks, power, gauges and standing votes are what the contracts answer', async () => {
  await someVotes();
  await curve.nextWeek();
  await curve.checkpoint();
  const rig = startRig();
  expect(await rig.round()).toEqual({ kind: 'fresh' });
  const reading = await rig.reading();
  const at = reading.block.number;
  expect(reading.missing).toEqual([]);
  expect(reading.unit).toEqual({ symbol: 'veDCV', decimals: 18 });
  expect(reading.locks.map(({ owner }) => owner)).toEqual([alice, bob, carol]);
  for (const { owner, powerWei } of reading.locks) {
    expect(powerWei).toBe(await ask(escrowAbi, curve.escrow, 'balanceOf', [owner], at));
  }
  // What is locked is not what votes.
  expect(reading.totalLockedWei).toBe(1_305n * DCV);
  const power = reading.locks.reduce((sum, { powerWei }) => sum + powerWei, 0n);
  const total = (await ask(escrowAbi, curve.escrow, 'totalSupply', [], at)) as bigint;
  expect(power - total < 1_000_000_000n && total - power < 1_000_000_000n).toBe(true);
  expect(power).toBeLessThan(1_305n * DCV);

  const controller = compileContracts().CurveController?.abi as Abi;
  for (const { address, votesWei } of reading.gauges) {
    expect(votesWei).toBe(await ask(controller, curve.controller, 'get_gauge_weight', [address], at));
  }
  expect(reading.gauges).toHaveLength(3);
  const ofAlice = (reading.standing ?? []).filter(({ owner }) => owner === alice);
  expect(ofAlice.map(({ gauge: address }) => address)).toEqual([gauge(), other()]);
  const held = reading.locks.find(({ owner }) => owner === alice)?.powerWei ?? 0n;
  const cast = ofAlice.reduce((sum, { powerWei }) => sum + powerWei, 0n);
  // Slopes are rounded down for each gauge.
  expect(held - cast).toBeGreaterThanOrEqual(0n);
  expect(held - cast).toBeLessThan(10n ** 12n);
  expect(reading.season).toBeNull();
  const now = reading.block.timestampSeconds;
  expect(reading.clock).toMatchObject({ epoch: Math.floor(now / WEEK_SECONDS), votingActive: true });
});

test('a vote that is taken back, a lock that is withdrawn and a new gauge are followed', async () => {
  await someVotes();
  const rig = startRig();
  await rig.round();
  await curve.setVoteDelay(0);
  await curve.vote(alice, other(), 0);
  await curve.addGauge(who(0x9a9a));
  await chain.mine(2 * YEAR_SECONDS);
  await curve.withdraw(carol);
  await rig.round();
  const reading = await rig.reading();
  expect(reading.standing?.map((vote) => `${vote.owner} ${vote.gauge}`)).toEqual([
    `${alice} ${gauge()}`,
    `${bob} ${gauge()}`,
  ]);
  expect(reading.locks.map(({ owner }) => owner)).toEqual([alice, bob]);
  expect(reading.gauges.map(({ address }) => address)).toContain(who(0x9a9a));
  const { events } = await temporary.store.gauges.events(SOURCE, 0, 1_000);
  expect(events.filter(({ kind }) => kind === 'weighted').map(({ from, weightBps }) => [from, weightBps])).toEqual([
    [alice, 7_000],
    [alice, 3_000],
    [bob, 10_000],
    [alice, 0],
  ]);
  expect(events.filter(({ kind }) => kind === 'withdraw')).toHaveLength(1);
});

test('another start knows who locks, and locks from before the start block are said to be missing', async () => {
  await someVotes();
  await startRig().round();
  const rig = startRig();
  await rig.round();
  expect((await rig.reading()).locks).toHaveLength(3);
  stop();
  const store = await temporaryStore();
  try {
    const late = governanceTools(store.store);
    const head = await chain.client.getBlockNumber({ cacheTime: 0 });
    const row = {
      kind: 'curve',
      network: 'curved',
      title: 'C',
      intervalMs: 1_000,
      confirmations: 1,
      startBlock: head,
    } as const;
    const { rpcUrl, chainId } = chain;
    const { escrow, controller } = curve;
    const collector = curveCollector({ ...row, rpcUrls: [rpcUrl], chainId, escrow, controller }, late.tools);
    await collector.collect(late.tools.signal);
    await collector.settled();
    await collector.collect(late.tools.signal);
    const reading = await store.store.gauges.reading(SOURCE);
    expect(reading?.missing).toEqual([
      'The known locks have less power than the escrow counts: some were made before the start block, or not listed.',
    ]);
    late.stop();
  } finally {
    await store.cleanup();
  }
});

test('locks that a node kept back are missed by what the escrow counts, and looked for again', async () => {
  await someVotes();
  const node = await startRpcProxy(chain.rpcUrl);
  try {
    node.instead = (method) => (method === 'eth_getLogs' ? [] : null);
    const rig = startRig({ rpcUrls: [node.url] });
    expect(await rig.round()).toMatchObject({ kind: 'fresh', note: expect.stringContaining('do not add up') });
    node.instead = null;
    rig.clock.advance(86_400_000);
    for (let round = 0; round < 3; round += 1) {
      await chain.mine();
      await rig.round();
    }
    expect(await rig.round()).toEqual({ kind: 'fresh' });
    expect((await rig.reading()).locks).toHaveLength(3);
    expect((await rig.reading()).missing).toEqual([]);
  } finally {
    await node.close();
  }
});

test('an address without an escrow is an error, in words', async () => {
  await expect(startRig({ escrow: curve.token }).round()).rejects.toThrow(/escrow/);
});
