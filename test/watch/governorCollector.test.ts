import { encodeAbiParameters, encodeEventTopics, encodeFunctionData, type Hex, parseAbi } from 'viem';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { GovernorRow } from '../../src/lib/governanceRow.ts';
import { createLogger } from '../../src/lib/logger.ts';
import type { StoredProposal } from '../../src/store/governanceRepository.ts';
import type { Collector } from '../../src/watch/collector.ts';
import { governorCollector } from '../../src/watch/governorCollector.ts';
import { type DevChain, startChain } from '../devnet/chain.ts';
import type { Artifact } from '../devnet/compile.ts';
import { type DevGovernor, deployGovernor, type GovernorOptions, governorRow } from '../devnet/governor.ts';
import { type RpcProxy, startRpcProxy } from '../rigs/rpcProxy.ts';
import { type TemporaryStore, temporaryStore } from '../rigs/store.ts';
import { emitting, REVERTING } from '../support/byteCode.ts';
import { SteppingClock } from '../support/steppingClock.ts';

const SOURCE = 'governed.governor';
const FRESH = { kind: 'fresh' };
const TOKEN = 10n ** 18n;
const ANN: Hex = '0x00000000000000000000000000000000000000aa';
const BEN: Hex = '0x00000000000000000000000000000000000000bb';

let chain: DevChain;
let dao: DevGovernor;
let rpc: RpcProxy;
let rig: TemporaryStore;
let clock: SteppingClock;
let watch: Collector;
let controller: AbortController;

async function begin(options: GovernorOptions = {}): Promise<void> {
  dao = await deployGovernor(chain, options);
  await dao.mintVotes(ANN, 60n * TOKEN);
  await dao.mintVotes(BEN, 30n * TOKEN);
  // Nobody was given the votes of these.
  await dao.mint('0x00000000000000000000000000000000000000cc', 10n * TOKEN);
  watch = start();
}
function start(more: Partial<GovernorRow> = {}): Collector {
  const { intervalSeconds, ...row } = governorRow(dao, { rpcUrl: rpc.url });
  return governorCollector(
    {
      ...row,
      startBlock: BigInt(row.startBlock),
      rpcUrls: [rpc.url],
      token: null,
      title: 'Governed',
      intervalMs: intervalSeconds * 1_000,
      ...more,
    },
    {
      ...{ store: rig.store, clock, random: () => 0.5, logger: createLogger('debug', [], () => undefined) },
      notice: () => undefined,
      signal: controller.signal,
    },
  );
}

beforeEach(async () => {
  controller = new AbortController();
  chain = await startChain({ startSeconds: Math.floor(Date.now() / 1000) - 1_000_000 });
  rpc = await startRpcProxy(chain.rpcUrl);
  rig = await temporaryStore();
  clock = new SteppingClock();
});
afterEach(async () => {
  controller.abort();
  await Promise.all([rpc.close(), chain.close(), rig.cleanup()]);
});

const round = async (of = watch) => {
  clock.advance(1_000);
  return await of.collect(controller.signal);
};
async function stored(id: bigint): Promise<StoredProposal> {
  const found = await rig.store.governance.findProposal([SOURCE], String(id));
  if (found === null) throw new Error(`proposal ${id} is not stored`);
  return found;
}
const votesOn = async (id: bigint) => await rig.store.governance.votes((await stored(id)).id, 100);

describe.each([{ byTime: false }, { byTime: true }])('a governor (%o)', ({ byTime }) => {
  test('is followed from the proposal to its execution, with both denominators named', async () => {
    await begin({ byTime, votingDelay: 5, votingPeriod: 50, quorumPercent: 4 });
    const id = await dao.propose(ANN, '# Fund the docs\n\nA longer text.');
    expect(await round()).toEqual(FRESH);
    expect(await stored(id)).toMatchObject({
      ...{ title: 'Fund the docs', summary: 'A longer text.', status: 'pending', proposer: ANN, tally: null },
      ...{ choices: ['against', 'for', 'abstain'], atFirst: true },
    });
    expect((await stored(id)).terms).toMatchObject({ eligible: null, unit: { symbol: 'DVT', decimals: 18 } });

    await dao.passTime(7);
    await dao.vote(id, ANN, 'for');
    await dao.vote(id, BEN, 'against', 'no', '0x1234');
    await round();
    const open = await stored(id);
    expect(open).toMatchObject({ status: 'voting', tally: [30n * TOKEN, 60n * TOKEN, 0n], storedVotes: 2 });
    expect(open.votesReadAtMs).toBe(clock.now());
    expect(open.terms).toMatchObject({
      ...{ eligible: 100n * TOKEN, eligibleWords: 'supply at the snapshot', quorum: 4n * TOKEN, quorumChoices: [1, 2] },
      ...{ yes: 1, against: [0], threshold: { num: 1n, den: 2n } },
    });
    expect((await votesOn(id)).map(({ voter, power, choices }) => [voter, power, choices[0]?.choice])).toEqual([
      [ANN, 60n * TOKEN, 1],
      [BEN, 30n * TOKEN, 0],
    ]);

    await dao.passTime(60);
    await round();
    expect(await stored(id)).toMatchObject({ status: 'passed' });
    await dao.queue(id, chain.nowSeconds() + 10);
    await round();
    expect(await stored(id)).toMatchObject({ status: 'queued' });
    await dao.execute(id);
    await round();
    expect(await stored(id)).toMatchObject({ status: 'executed', storedVotes: 2 });
  });

  test('counts its times in seconds or in blocks, and says which are estimated', async () => {
    await begin({ byTime, votingDelay: 5, votingPeriod: 50 });
    const id = await dao.propose(ANN, 'x');
    await round();
    const { endAtSeconds, kinds } = await stored(id);
    const end = chain.nowSeconds() + 55;
    // A block of this chain takes a second.
    expect(Math.abs((endAtSeconds ?? 0) - end)).toBeLessThanOrEqual(5);
    if (byTime) expect([endAtSeconds, kinds]).toEqual([end, []]);
    else expect(kinds[0]).toMatch(/^voting ends at block \d+, its time is estimated$/);
    for (let step = 0; step < 4; step += 1) {
      // No chain keeps its pace.
      await chain.mine(1 + (step % 2) * 2);
      await round();
    }
    expect(await stored(id)).toMatchObject({ endAtSeconds, endChangedAtMs: null });
    await dao.passTime(60);
    await round();
    const over = await stored(id);
    expect(over.status).toBe('rejected');
    const [, block] = /^voting ends at block (\d+)$/.exec(over.kinds[0] ?? '') ?? [];
    const { timestamp } = await chain.client.getBlock({ blockNumber: BigInt(block ?? 0) });
    expect(over.endAtSeconds).toBe(byTime ? end : Number(timestamp));
  });
});

test('a deadline that is extended is a changed end', async () => {
  await begin({ byTime: true, votingPeriod: 50 });
  const id = await dao.propose(ANN, 'x');
  await round();
  const { endAtSeconds } = await stored(id);
  await dao.extend(id, BigInt((endAtSeconds ?? 0) + 500));
  await round();
  expect(await stored(id)).toMatchObject({
    endAtSeconds: (endAtSeconds ?? 0) + 500,
    previousEndAtSeconds: endAtSeconds,
  });
});

test('what was there before the first round is no news, what comes later is, and a restart repeats nothing', async () => {
  await begin({ votingPeriod: 500 });
  const over = await dao.propose(ANN, 'over');
  await dao.passTime(3);
  await dao.vote(over, BEN, 'abstain');
  await dao.cancel(over);
  const open = await dao.propose(ANN, 'open');
  await dao.passTime(3);
  await dao.vote(open, ANN, 'for');
  await round();
  const later = await dao.propose(BEN, 'later');
  await dao.vote(open, BEN, 'for');
  watch = start();
  await round();
  expect(await stored(over)).toMatchObject({ status: 'canceled', atFirst: true, storedVotes: 1 });
  expect(await stored(later)).toMatchObject({ atFirst: false });
  expect((await votesOn(over)).map(({ atFirst }) => atFirst)).toEqual([true]);
  expect((await votesOn(open)).map(({ voter, atFirst }) => [voter, atFirst])).toEqual([
    [ANN, true],
    [BEN, false],
  ]);
  const from = rpc.calls.length;
  await round(start());
  const asked = rpc.calls.slice(from).filter(({ method }) => method === 'eth_getLogs');
  expect(asked).toEqual([]);
});

test('a round that breaks off loses nothing', async () => {
  await begin({ votingPeriod: 500 });
  await round();
  const id = await dao.propose(ANN, 'x');
  await dao.passTime(3);
  await dao.vote(id, ANN, 'for');
  rpc.inject('eth_call', { kind: 'http', status: 500, body: '' });
  await expect(round()).rejects.toThrow('no RPC of the network answered');
  rpc.heal();
  await dao.vote(id, BEN, 'for');
  await round();
  expect(await stored(id)).toMatchObject({ storedVotes: 2, atFirst: false });
});

test('votes that a node left out of its logs are found out by the tally, and read again', async () => {
  await begin({ votingPeriod: 500 });
  const id = await dao.propose(ANN, 'x');
  await dao.passTime(3);
  await round();
  await dao.vote(id, ANN, 'for');
  rpc.inject('eth_getLogs', { kind: 'result', result: [] }, 1);
  await round();
  const { votesReadAtMs, storedVotes } = await stored(id);
  expect(storedVotes).toBe(0);
  expect(votesReadAtMs).not.toBe(clock.now());
  await chain.mine();
  await round();
  expect(await stored(id)).toMatchObject({ storedVotes: 1, votesReadAtMs: clock.now() });
  await chain.mine();
  await round();
  expect(await stored(id)).toMatchObject({ storedVotes: 1, votesReadAtMs: clock.now() });
});

test('after a reorganisation deeper than the confirmations, blocks are read again and nothing is kept twice', async () => {
  await begin({ votingPeriod: 5_000 });
  const both = await dao.propose(ANN, 'both');
  await dao.passTime(3);
  await dao.vote(both, ANN, 'for');
  const before = await chain.snapshot();
  for (let block = 0; block < 10; block += 1) await chain.mine();
  await round();
  await chain.revert(before);
  const { abi } = chain.contracts.DevGovernor as Artifact;
  const args = [BEN, [BEN], [0n], ['0x'], 'only on the other branch'];
  const data = encodeFunctionData({ abi, functionName: 'proposeAs', args });
  await chain.transact(dao.governor, data, { from: 'stranger' });
  for (let block = 0; block < 15; block += 1) await chain.mine();
  await round();
  const all = { sources: [SOURCE], statuses: ['pending', 'voting'] as const, limit: 10, offset: 0 };
  const { rows } = await rig.store.governance.proposals(all);
  expect(rows.map(({ title }) => title).sort()).toEqual(['both', 'only on the other branch']);
  expect((await votesOn(both)).map(({ voter }) => voter)).toEqual([ANN]);
});

test('without confirmations enough a vote waits', async () => {
  await begin({ votingPeriod: 500 });
  const id = await dao.propose(ANN, 'x');
  await dao.passTime(5);
  watch = start({ confirmations: 4 });
  await dao.vote(id, ANN, 'for');
  await round();
  expect((await stored(id)).storedVotes).toBe(0);
  await dao.passTime(4);
  await round();
  expect((await stored(id)).storedVotes).toBe(1);
});

test('a history too long for one round is read in slices', async () => {
  await begin({ votingPeriod: 500 });
  const id = await dao.propose(ANN, 'x');
  for (let blocks = 0; blocks < 40; blocks += 1) await chain.mine();
  rpc.instead = (method) => {
    if (method === 'eth_getLogs') clock.advance(25_000);
    return null;
  };
  expect(await round()).toMatchObject({ kind: 'stale', shortError: 'its history is being read' });
  expect(watch.everyMs).toBeLessThan(1_000);
  for (let rounds = 0; rounds < 20 && (await round()).kind === 'stale'; rounds += 1);
  expect(watch.everyMs).toBe(1_000);
  expect(await stored(id)).toMatchObject({ title: 'x', atFirst: true });
});

test('where there is no governor is said in plain words', async () => {
  await begin();
  await chain.client.setCode({ address: BEN, bytecode: REVERTING });
  await expect(round(start({ governor: BEN }))).rejects.toThrow('there is no governor at 0x000000…00bb');
  await expect(round(start({ governor: ANN }))).rejects.toThrow(/there is no/);
});

test('hostile descriptions are bounded, and a vote of a counting that is not read leaves the votes unsaid', async () => {
  await begin({ votingPeriod: 500 });
  const id = await dao.propose(ANN, `## \u202e@everyone\u0000${'x'.repeat(5_000)}\n${'y'.repeat(20_000)}`);
  await dao.passTime(3);
  await dao.vote(id, ANN, 'for');
  await round();
  const { title, summary } = await stored(id);
  expect(title).toMatch(/^@everyone x+…$/);
  expect(title.length).toBeLessThanOrEqual(200);
  expect(summary.length).toBeLessThanOrEqual(2_000);

  const abi = parseAbi([
    'event VoteCast(address indexed voter, uint256 proposalId, uint8 support, uint256 weight, string reason)',
  ]);
  const topics = encodeEventTopics({ abi, args: { voter: BEN } }) as Hex[];
  const data = encodeAbiParameters(
    [{ type: 'uint256' }, { type: 'uint8' }, { type: 'uint256' }, { type: 'string' }],
    [id, 255, 1n, ''],
  );
  const { votesReadAtMs } = await stored(id);
  const code = await chain.client.getCode({ address: dao.governor });
  await chain.client.setCode({ address: dao.governor, bytecode: emitting(2) });
  await chain.transact(dao.governor, `0x${[...topics, data].map((part) => part.slice(2)).join('')}`);
  await chain.client.setCode({ address: dao.governor, bytecode: code as Hex });
  await chain.mine();
  await round();
  await round(start());
  expect(await stored(id)).toMatchObject({ storedVotes: 1, votesReadAtMs });
});

test('Compound’s Bravo is read with the same events and its own views', async () => {
  const artifact = chain.contracts.DevBravo as Artifact;
  const [bravo] = (await chain.deployAll([{ artifact }])) as [Hex];
  const send = (functionName: string, ...args: unknown[]) =>
    chain.transact(bravo, encodeFunctionData({ abi: artifact.abi, functionName, args }));
  await send('proposeAs', ANN, '# Lower the fee');
  await chain.mine();
  await chain.mine();
  await send('castVoteAs', ANN, 1n, 1, 600n * TOKEN);
  await send('castVoteAs', BEN, 1n, 0, 100n * TOKEN);
  dao = { chain, governor: bravo, startBlock: 0n } as DevGovernor;
  watch = start();
  expect(await round()).toEqual(FRESH);
  const open = await stored(1n);
  expect(open).toMatchObject({
    ...{ title: 'Lower the fee', status: 'voting', tally: [100n * TOKEN, 600n * TOKEN, 0n], storedVotes: 2 },
    votesReadAtMs: clock.now(),
  });
  expect(open.terms).toMatchObject({
    ...{ quorum: 400_000n * TOKEN, quorumChoices: [1], eligible: null, unit: { symbol: 'votes', decimals: 0 } },
  });
  for (let block = 0; block < 45; block += 1) await chain.mine();
  await round();
  expect(await stored(1n)).toMatchObject({ status: 'rejected', storedVotes: 2 });
});
