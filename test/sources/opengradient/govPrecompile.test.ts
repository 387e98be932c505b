import { encodeFunctionResult, type Hex, parseAbi } from 'viem';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AssayError } from '../../../src/lib/errors.ts';
import { EvmClient } from '../../../src/sources/evm/client.ts';
import {
  readGovParams,
  readProposals,
  readProposalsById,
  readTallies,
  readVotes,
} from '../../../src/sources/opengradient/govPrecompile.ts';
import { NoPrecompileError, type Precompile } from '../../../src/sources/opengradient/precompile.ts';
import { castMany } from '../../devnet/castMany.ts';
import { type DevChain, startChain } from '../../devnet/chain.ts';
import type { Artifact } from '../../devnet/compile.ts';
import { deployGovernance, type Governance } from '../../devnet/governance.ts';
import { POWER_UNIT } from '../../devnet/validators.ts';
import { type RpcProxy, startRpcProxy } from '../../rigs/rpcProxy.ts';
import { REVERTING, returning } from '../../support/byteCode.ts';
import { SteppingClock } from '../../support/steppingClock.ts';

const FAKE: Hex = '0x00000000000000000000000000000000000f0805';
const pageAbi = parseAbi([
  'struct PageResponse { bytes nextKey; uint64 total; }',
  'struct WeightedVoteOption { uint8 option; string weight; }',
  'struct WeightedVote { uint64 proposalId; address voter; WeightedVoteOption[] options; string metadata; }',
  'function getVotes() view returns (WeightedVote[] votes, PageResponse pageResponse)',
]);

let chain: DevChain;
let gov: Governance;
let rpc: RpcProxy;

beforeAll(async () => {
  chain = await startChain();
  gov = await deployGovernance(chain);
});
afterAll(() => chain.close());
beforeEach(async () => {
  rpc = await startRpcProxy(chain.rpcUrl);
});
afterEach(() => rpc.close());

async function at(address: Hex = gov.address): Promise<Precompile> {
  const client = new EvmClient({
    urls: [rpc.url],
    chainId: chain.chainId,
    clock: new SteppingClock(),
    random: () => 0.5,
  });
  return { name: 'gov', address, client, block: await client.head() };
}
async function answering(bytecode: Hex): Promise<Precompile> {
  await chain.client.setCode({ address: FAKE, bytecode });
  await chain.mine();
  return await at(FAKE);
}
const someone = (serial: number): Hex => `0x${(0xabc000 + serial).toString(16).padStart(40, '0')}`;

test('proposals of every status come newest first, and by their number', async () => {
  const [deposit, voting, over] = [
    await gov.submit({ status: 'deposit' }),
    await gov.submit({ title: 'second' }),
    await gov.submit({ title: 'third' }),
  ];
  await gov.vote(over, 'aurora', 'no');
  await gov.finish(over, 'rejected');
  const precompile = await at();
  const { proposals, isComplete } = await readProposals(precompile);
  expect(isComplete).toBe(true);
  expect(proposals.map(({ id, status }) => [id, status])).toEqual([
    [over, 'rejected'],
    [voting, 'voting'],
    [deposit, 'deposit'],
  ]);
  expect(proposals[0]?.tally).toEqual([0n, 0n, POWER_UNIT, 0n]);
  expect(await readProposalsById(precompile, [voting, 999n])).toEqual([proposals[1], null]);
  expect((await readProposals(precompile, 2)).proposals.map(({ id }) => id)).toEqual([over, voting]);
  expect((await readProposals(precompile, 2)).isComplete).toBe(false);
});

test('a running tally and split votes are read while it is voted on', async () => {
  const id = await gov.submit();
  await gov.vote(id, 'aurora', 'yes');
  await gov.voteWeighted(id, 'boreas', [
    { option: 'no', weight: '0.250000000000000000' },
    { option: 'veto', weight: '0.750000000000000000' },
  ]);
  const precompile = await at();
  expect(await readTallies(precompile, [id, 999n])).toEqual([
    [POWER_UNIT, 0n, POWER_UNIT / 4n, (POWER_UNIT * 3n) / 4n],
    null,
  ]);
  const { votes, isComplete } = await readVotes(precompile, id);
  expect(isComplete).toBe(true);
  expect(new Set(votes.map(({ voter }) => voter))).toEqual(
    new Set([gov.validators.find('aurora').address, gov.validators.find('boreas').address]),
  );
});

test('3,000 votes are read page by page, each once', async () => {
  const id = await gov.submit();
  const voters = Array.from({ length: 3_000 }, (_, serial) => someone(serial));
  await castMany(chain, id, voters);
  const { votes, isComplete } = await readVotes(await at(), id);
  expect(isComplete).toBe(true);
  expect(votes.map(({ voter }) => voter)).toEqual(voters);
}, 120_000);

test('parameters are read, and absent ones are not known', async () => {
  expect(await readGovParams(await at())).toMatchObject({
    quorum: { num: 167n, den: 500n },
    threshold: { num: 1n, den: 2n },
    expedited: { periodSeconds: 86_400 },
  });
  expect(await readGovParams(await answering(REVERTING))).toBeNull();
});

describe('a chain without it', () => {
  test('is told apart by a plain error', async () => {
    const error = await readProposals(await at('0x0000000000000000000000000000000000009999')).catch((cause) => cause);
    expect(error).toBeInstanceOf(NoPrecompileError);
    expect(error).toMatchObject({ message: 'the chain has no gov precompile at 0x000000…9999', retryable: true });
    expect(error.detail).toContain('OG_GOV_PRECOMPILE');
  });

  test.each([
    ['nonsense', returning('0x1234')],
    ['a list that is longer than its data', returning(`0x${'f'.repeat(64 * 6)}`)],
    ['a refusal', REVERTING],
  ])('that answers with %s is an error that can be tried again', async (_, bytecode) => {
    const error = await readProposals(await answering(bytecode)).catch((cause) => cause);
    expect(error).toBeInstanceOf(AssayError);
    expect(error).toMatchObject({
      message: 'the gov precompile of the chain answers otherwise than expected',
      retryable: true,
    });
    expect(error.detail).toContain(FAKE);
  });
});

test.each([
  [2, 3],
  [3, 2],
])('of one that is listed twice, with status %i and %i, the open one is believed', async (...statuses) => {
  const { abi } = chain.contracts.GovPrecompile as Artifact;
  const tally = { yes: '0', abstain: '0', no: '0', noWithVeto: '0' };
  const times = { submitTime: 1n, depositEndTime: 2n, votingStartTime: 1n, votingEndTime: 9n };
  const texts = { messages: [], metadata: '', title: '', summary: '', proposer: someone(1), totalDeposit: [] };
  const listed = statuses.map((status) => ({ id: 4n, status, finalTallyResult: tally, ...times, ...texts }));
  const result = [listed, { nextKey: '0x', total: 0n }];
  const answer = encodeFunctionResult({ abi, functionName: 'getProposals', result });
  const { proposals } = await readProposals(await answering(returning(answer)));
  expect(proposals.map(({ id, status }) => [id, status])).toEqual([[4n, 'voting']]);
});

test('pages that lead back to themselves are refused', async () => {
  const result = [[], { nextKey: '0x07', total: 0n }] as const;
  const looping = returning(encodeFunctionResult({ abi: pageAbi, functionName: 'getVotes', result }));
  await expect(readVotes(await answering(looping), 1n)).rejects.toThrow('repeats its pages');
});

test('a vote with an option that is not known is left out, and the list is not said to be whole', async () => {
  const votes = [1, 5].map((option) => ({
    proposalId: 1n,
    voter: someone(option),
    options: [{ option, weight: '1.0' }],
    metadata: '',
  }));
  const result = [votes, { nextKey: '0x00', total: 0n }] as const;
  const code = returning(encodeFunctionResult({ abi: pageAbi, functionName: 'getVotes', result }));
  const read = await readVotes(await answering(code), 1n);
  expect(read.votes.map(({ voter }) => voter)).toEqual([someone(1)]);
  expect(read.isComplete).toBe(false);
});

test('a page that the node refuses is asked for in halves', async () => {
  const id = await gov.submit();
  await gov.vote(id, 'aurora', 'yes');
  await gov.vote(id, 'boreas', 'yes');
  rpc.inject('eth_call', { kind: 'error', code: -32_000, message: 'out of gas' }, 4);
  const { votes, isComplete } = await readVotes(await at(), id);
  expect(votes).toHaveLength(2);
  expect(isComplete).toBe(true);
});
