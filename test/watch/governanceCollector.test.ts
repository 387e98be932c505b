import { encodeFunctionData, encodeFunctionResult, type Hex } from 'viem';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GOVERNANCE_SOURCE, VALIDATOR_SOURCE } from '../../src/lib/governanceFacts.ts';
import type { StoredProposal } from '../../src/store/governanceRepository.ts';
import { castMany } from '../devnet/castMany.ts';
import { type DevChain, startChain } from '../devnet/chain.ts';
import type { Artifact } from '../devnet/compile.ts';
import { deployGovernance, GOV_PRECOMPILE, type Governance } from '../devnet/governance.ts';
import { POWER_UNIT, SLASHING_PRECOMPILE, STAKING_PRECOMPILE } from '../devnet/validators.ts';
import { RPC_FAULTS, type RpcProxy, startRpcProxy } from '../rigs/rpcProxy.ts';
import { type TemporaryStore, temporaryStore } from '../rigs/store.ts';
import { SteppingClock } from '../support/steppingClock.ts';
import { type ChainRig, type ChainRigOptions, startChainRig } from './chainRig.ts';

const PRECOMPILES = { gov: GOV_PRECOMPILE, staking: STAKING_PRECOMPILE, slashing: SLASHING_PRECOMPILE };
const NOBODY = '0x0000000000000000000000000000000000000000';
const NO_PAGE = { key: '0x', offset: 0n, limit: 0n, countTotal: false, reverse: false };
const FRESH = { kind: 'fresh' };

let chain: DevChain;
let gov: Governance;
let rpc: RpcProxy;
let rig: TemporaryStore;
let clock: SteppingClock;
let rigs: ChainRig[];
let watch: ChainRig;

beforeEach(async () => {
  chain = await startChain();
  gov = await deployGovernance(chain);
  rpc = await startRpcProxy(chain.rpcUrl);
  rpc.instead = gov.emptyAnswer;
  rig = await temporaryStore();
  clock = new SteppingClock(chain.nowSeconds() * 1000);
  rigs = [];
  watch = start();
});
afterEach(async () => {
  for (const one of rigs) await one.stop();
  await Promise.all([rpc.close(), chain.close(), rig.cleanup()]);
});

function start(more: Partial<ChainRigOptions> = {}): ChainRig {
  const one = startChainRig({
    ...{ chain, urls: [rpc.url], store: rig.store, clock },
    precompiles: PRECOMPILES,
    ...more,
  });
  rigs.push(one);
  return one;
}
async function round(of = watch) {
  await chain.mine();
  clock.advance(30_000);
  await of.registry();
  return await of.governance();
}
async function stored(id: bigint): Promise<StoredProposal> {
  const found = await rig.store.governance.findProposal([GOVERNANCE_SOURCE], String(id));
  if (found === null) throw new Error(`proposal ${id} is not stored`);
  return found;
}
const votesOn = async (id: bigint) => await rig.store.governance.votes((await stored(id)).id, 10_000);
const someone = (serial: number): Hex => `0x${(0xabc000 + serial).toString(16).padStart(40, '0')}`;

test('a proposal is stored with its tally, its votes by power, and what it needs', async () => {
  const id = await gov.submit({ title: 'Raise the limit' });
  await gov.validators.setPower('aurora', 10n * POWER_UNIT);
  await gov.vote(id, 'aurora', 'yes');
  await gov.vote(id, someone(1), 'no');
  await gov.validators.jail('eos');
  await gov.vote(id, 'eos', 'no');
  expect(await round()).toEqual(FRESH);
  const proposal = await stored(id);
  expect(proposal).toMatchObject({
    title: 'Raise the limit',
    status: 'voting',
    tally: [10n * POWER_UNIT, 0n, 0n, 0n],
    atFirst: true,
    storedVotes: 3,
    votesReadAtMs: clock.now(),
  });
  // Four are bonded: 10 + 1 + 1 + 1.
  expect(proposal.terms).toMatchObject({ eligible: 13n * POWER_UNIT, quorum: (13n * POWER_UNIT * 334n) / 1_000n });
  const power = new Map((await votesOn(id)).map(({ voter, power: weight }) => [voter, weight]));
  expect(power.get(gov.validators.find('aurora').address)).toBe(10n * POWER_UNIT);
  expect(power.get(gov.validators.find('eos').address)).toBe(0n);
  expect(power.get(someone(1))).toBeNull();
});

describe('after the end', () => {
  test('votes that the chain has pruned stay, also those cast after the last look', async () => {
    const end = chain.nowSeconds() + 100;
    const id = await gov.submit({ endSeconds: end });
    await gov.vote(id, 'aurora', 'yes');
    await round();
    await gov.vote(id, 'boreas', 'no');
    await chain.mine(200);
    await gov.finish(id, 'rejected');
    await round();
    expect(await stored(id)).toMatchObject({
      status: 'rejected',
      tally: [POWER_UNIT, 0n, POWER_UNIT, 0n],
      storedVotes: 2,
    });
    await round();
    await round(start());
    expect(await votesOn(id)).toHaveLength(2);
  });

  test('what it needed is what it needed when it was open', async () => {
    const id = await gov.submit();
    await round();
    const { terms } = await stored(id);
    await gov.finish(id, 'passed');
    await gov.validators.setPower('aurora', 50n * POWER_UNIT);
    await round();
    await round(start());
    expect((await stored(id)).terms).toEqual(terms);
  });

  test('of one that was never seen open it is not known who could vote', async () => {
    const id = await gov.submit();
    await gov.finish(id, 'passed');
    await round();
    expect(await stored(id)).toMatchObject({ status: 'passed', atFirst: true, votesReadAtMs: null });
    expect((await stored(id)).terms).toMatchObject({ eligible: null, quorum: null });
  });
});

test('an end that moves is noted, and the proposal stays the same one', async () => {
  const end = chain.nowSeconds() + 5_000;
  const id = await gov.submit({ endSeconds: end });
  await round();
  const before = await stored(id);
  await gov.moveEnd(id, end + 1_000);
  await round();
  expect(await stored(id)).toMatchObject({ id: before.id, endAtSeconds: end + 1_000, previousEndAtSeconds: end });
});

test('a proposal that comes later is news, one that was there is not, and neither is stored twice', async () => {
  const first = await gov.submit();
  await round();
  const second = await gov.submit({ evm: true });
  await round();
  await round();
  await round(start());
  expect(await stored(first)).toMatchObject({ atFirst: true });
  expect(await stored(second)).toMatchObject({ atFirst: false });
  const all = { sources: [GOVERNANCE_SOURCE], statuses: ['voting'] as const, limit: 10, offset: 0 };
  expect((await rig.store.governance.proposals(all)).total).toBe(2);
});

describe('an answer that is empty by mistake', () => {
  test('takes no proposal away', async () => {
    const id = await gov.submit();
    await gov.vote(id, 'aurora', 'yes');
    await round();
    gov.emptyNext('proposals', 1);
    await round();
    expect(gov.emptiesLeft('proposals')).toBe(0);
    expect(await stored(id)).toMatchObject({ status: 'voting', storedVotes: 1, lastReadAtMs: clock.now() });
  });

  test.each([
    ['where votes were seen before', true],
    ['where the tally says that there are some', false],
  ])('does not say that nobody voted, %s', async (_, isSeen) => {
    const id = await gov.submit();
    await round();
    await gov.vote(id, 'aurora', 'yes');
    if (isSeen) await round();
    const { votesReadAtMs } = await stored(id);
    expect(votesReadAtMs).not.toBeNull();
    gov.emptyNext('votes', 1);
    await round();
    expect(gov.emptiesLeft('votes')).toBe(0);
    expect(await stored(id)).toMatchObject({ votesReadAtMs, storedVotes: isSeen ? 1 : 0 });
    await round();
    expect(await stored(id)).toMatchObject({ votesReadAtMs: clock.now(), storedVotes: 1 });
  });
});

test('an answer with fewer votes than were seen does not say that the others have not voted', async () => {
  const id = await gov.submit();
  await gov.vote(id, 'aurora', 'yes');
  await gov.vote(id, 'boreas', 'yes');
  await round();
  const { votesReadAtMs } = await stored(id);
  const { abi } = chain.contracts.GovPrecompile as Artifact;
  const options = [{ option: 2, weight: '1.000000000000000000' }];
  const vote = { proposalId: id, voter: gov.validators.find('aurora').address, options, metadata: '' };
  const functionName = 'getVotes';
  const one = encodeFunctionResult({ abi, functionName, result: [[vote], { nextKey: '0x', total: 0n }] });
  const asked = encodeFunctionData({ abi, functionName, args: [id, NO_PAGE] }).slice(0, 10);
  rpc.instead = (method, [call]) =>
    method === 'eth_call' && (call as { data: string }).data.startsWith(asked) ? one : null;
  await round();
  expect(await stored(id)).toMatchObject({ votesReadAtMs, storedVotes: 2 });
  const seen = new Map((await votesOn(id)).map(({ voter, choices }) => [voter, choices[0]?.choice]));
  expect([...seen.values()].sort()).toEqual([0, 1]);
});

test('one proposal whose votes are answered oddly does not keep the others from being read; when all are, it is an error', async () => {
  const [odd, fine] = [await gov.submit(), await gov.submit()];
  const { abi } = chain.contracts.GovPrecompile as Artifact;
  const asked = (id: bigint): string =>
    encodeFunctionData({ abi, functionName: 'getVotes', args: [id, NO_PAGE] }).slice(0, 74);
  await gov.vote(fine, 'aurora', 'yes');
  rpc.instead = (method, [call]) =>
    method === 'eth_call' && (call as { data: string }).data.startsWith(asked(odd)) ? '0x1234' : null;
  expect(await round()).toEqual({ kind: 'fresh', note: `the votes on 1 proposal cannot be read (#${odd})` });
  expect(await stored(fine)).toMatchObject({ storedVotes: 1, votesReadAtMs: clock.now() });
  expect(await stored(odd)).toMatchObject({ status: 'voting', votesReadAtMs: null });
  rpc.instead = (method, [call]) =>
    method === 'eth_call' && (call as { data: string }).data.startsWith(asked(odd).slice(0, 10)) ? '0x1234' : null;
  await expect(round()).rejects.toThrow('answers otherwise than expected');
});

test('one that the chain no longer has is canceled, when it says so for ten minutes', async () => {
  const id = await gov.submit({ status: 'deposit' });
  await round();
  await gov.remove(id);
  for (let rounds = 0; rounds < 20; rounds += 1) {
    await round();
    expect(await stored(id)).toMatchObject({ status: 'deposit' });
  }
  await round();
  await round();
  expect(await stored(id)).toMatchObject({ status: 'canceled' });
});

test('one that opens again is believed when the chain says so twice', async () => {
  const id = await gov.submit();
  await round();
  await gov.finish(id, 'failed');
  await round();
  expect(await stored(id)).toMatchObject({ status: 'failed' });
  // An expedited one that was not passed goes on as an ordinary one.
  await gov.openVoting(id);
  await round();
  expect(await stored(id)).toMatchObject({ status: 'failed' });
  await round();
  expect(await stored(id)).toMatchObject({ status: 'voting', closedAtMs: null });
});

test('more new ones than fit into a page are all found, and old closed ones are not asked for again', async () => {
  for (let count = 0; count < 3; count += 1) await gov.finish(await gov.submit(), 'passed');
  await round();
  for (let count = 0; count < 60; count += 1) await gov.submit();
  await round();
  const open = { sources: [GOVERNANCE_SOURCE], statuses: ['voting'] as const, limit: 1, offset: 0 };
  expect((await rig.store.governance.proposals(open)).total).toBe(60);
}, 60_000);

test('after the newest one was deleted the whole list is read once, not in every round', async () => {
  for (let count = 0; count < 55; count += 1) await gov.finish(await gov.submit(), 'passed');
  const last = await gov.submit({ status: 'deposit' });
  await round();
  await gov.remove(last);
  const pages = async (): Promise<number> => {
    const from = rpc.calls.length;
    await round();
    const { abi } = chain.contracts.GovPrecompile as Artifact;
    const asked = encodeFunctionData({ abi, functionName: 'getProposals', args: [0, NOBODY, NOBODY, NO_PAGE] }).slice(
      0,
      10,
    );
    return rpc.calls.slice(from).filter(({ params }) => (params[0] as { data?: string })?.data?.startsWith(asked))
      .length;
  };
  expect(await pages()).toBe(3);
  expect(await pages()).toBe(1);
}, 60_000);

test('3,000 votes are stored, each once', async () => {
  const id = await gov.submit();
  await round();
  await castMany(
    chain,
    id,
    Array.from({ length: 3_000 }, (_, serial) => someone(serial)),
  );
  await round();
  await round();
  expect(await stored(id)).toMatchObject({ storedVotes: 3_000, votesReadAtMs: clock.now() });
}, 120_000);

test('near an end it is looked more often', async () => {
  await gov.submit({ endSeconds: chain.nowSeconds() + 300 });
  await round();
  expect(watch.everyMs(GOVERNANCE_SOURCE)).toBe(30_000);
  await chain.mine(250);
  await round();
  expect(watch.everyMs(GOVERNANCE_SOURCE)).toBe(5_000);
});

describe('a chain that does not answer', () => {
  test('is failing, and what was read stays', async () => {
    const id = await gov.submit();
    await round();
    const before = await stored(id);
    await chain.mine();
    await watch.registry();
    rpc.inject('eth_call', RPC_FAULTS.serverError);
    await expect(watch.governance()).rejects.toThrow('no RPC of the network answered');
    await expect(watch.validators()).rejects.toThrow('no RPC of the network answered');
    expect(await stored(id)).toEqual(before);
  });

  test('at the precompile’s address has none, in plain words', async () => {
    await gov.submit();
    const elsewhere = start({ precompiles: { ...PRECOMPILES, gov: '0x0000000000000000000000000000000000000905' } });
    await expect(round(elsewhere)).rejects.toThrow('the chain has no gov precompile at 0x000000…0905');
  });

  test('and stands still is stale', async () => {
    await gov.submit();
    await round();
    clock.advance(120_000);
    await watch.registry();
    expect(await watch.governance()).toMatchObject({ kind: 'stale' });
    expect(await watch.validators()).toMatchObject({ kind: 'fresh' });
    clock.advance(120_000);
    expect(await watch.validators()).toMatchObject({ kind: 'stale' });
  });
});

test('without staking, proposals are read and power is not known', async () => {
  const id = await gov.submit();
  await gov.vote(id, 'aurora', 'yes');
  await round(start({ precompiles: { ...PRECOMPILES, staking: null } }));
  expect((await stored(id)).terms).toMatchObject({ eligible: null, quorum: null });
  expect((await votesOn(id)).map(({ power }) => power)).toEqual([null]);
});

describe('validators', () => {
  const validators = async () => {
    await chain.mine();
    clock.advance(30_000);
    await watch.registry();
    return await watch.validators();
  };

  test('are stored with power, missed blocks and jailing', async () => {
    await gov.validators.setMissed('aurora', 12);
    expect(await validators()).toEqual(FRESH);
    await gov.validators.jail('boreas');
    await validators();
    const found = new Map((await rig.store.governance.validators(VALIDATOR_SOURCE)).map((one) => [one.moniker, one]));
    expect(found.size).toBe(5);
    expect(found.get('aurora')).toMatchObject({ missedBlocks: 12, tokensWei: POWER_UNIT, jailedAtMs: null });
    expect(found.get('boreas')).toMatchObject({ jailed: true, jailedAtMs: clock.now() });
  });

  test('are there without slashing, which is said', async () => {
    watch = start({ precompiles: { ...PRECOMPILES, slashing: '0x0000000000000000000000000000000000000906' } });
    expect(await validators()).toEqual({
      kind: 'fresh',
      note: 'the chain has no slashing precompile at 0x000000…0906',
    });
    const found = await rig.store.governance.validators(VALIDATOR_SOURCE);
    expect(found.map(({ missedBlocks }) => missedBlocks)).toEqual([null, null, null, null, null]);
  });
});
