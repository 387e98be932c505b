import { createPublicClient, decodeEventLog, type Hex, http, keccak256, parseAbi, toBytes } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { governanceRows } from '../../src/config/governanceRows.ts';
import { type DevChain, startChain } from './chain.ts';
import { type DevGovernor, deployGovernor, governorRow } from './governor.ts';

/** As the reference and OpenZeppelin type it. */
const GOVERNOR = parseAbi([
  'event ProposalCreated(uint256 proposalId, address proposer, address[] targets, uint256[] values, string[] signatures, bytes[] calldatas, uint256 voteStart, uint256 voteEnd, string description)',
  'event ProposalQueued(uint256 proposalId, uint256 etaSeconds)',
  'event ProposalExecuted(uint256 proposalId)',
  'event ProposalCanceled(uint256 proposalId)',
  'event ProposalExtended(uint256 indexed proposalId, uint64 extendedDeadline)',
  'event VoteCast(address indexed voter, uint256 proposalId, uint8 support, uint256 weight, string reason)',
  'event VoteCastWithParams(address indexed voter, uint256 proposalId, uint8 support, uint256 weight, string reason, bytes params)',
  'function state(uint256) view returns (uint8)',
  'function proposalSnapshot(uint256) view returns (uint256)',
  'function proposalDeadline(uint256) view returns (uint256)',
  'function proposalVotes(uint256) view returns (uint256, uint256, uint256)',
  'function quorum(uint256) view returns (uint256)',
  'function votingDelay() view returns (uint256)',
  'function votingPeriod() view returns (uint256)',
  'function token() view returns (address)',
  'function name() view returns (string)',
  'function clock() view returns (uint48)',
  'function CLOCK_MODE() view returns (string)',
  'function COUNTING_MODE() view returns (string)',
]);
const VOTES = parseAbi([
  'event DelegateChanged(address indexed delegator, address indexed fromDelegate, address indexed toDelegate)',
  'event DelegateVotesChanged(address indexed delegate, uint256 previousVotes, uint256 newVotes)',
  'function getPastVotes(address, uint256 timepoint) view returns (uint256)',
  'function getPastTotalSupply(uint256 timepoint) view returns (uint256)',
  'function delegates(address) view returns (address)',
  'function decimals() view returns (uint8)',
  'function symbol() view returns (string)',
]);
const [ANN, BEN, CLEO, DAN] = ['a1', 'b2', 'c3', 'd4'].map((end): Hex => `0x${end.padStart(40, '0')}`) as [
  Hex,
  Hex,
  Hex,
  Hex,
];
const [PENDING, ACTIVE, CANCELED, DEFEATED, SUCCEEDED, QUEUED, EXECUTED] = [0, 1, 2, 3, 4, 5, 7];

let chain: DevChain;
let byBlock: DevGovernor;
let byTime: DevGovernor;

beforeAll(async () => {
  chain = await startChain({ chainId: 31_337 });
  byBlock = await deployGovernor(chain, { votingDelay: 2, votingPeriod: 6 });
  byTime = await deployGovernor(chain, { byTime: true, votingDelay: 60, votingPeriod: 3_600, quorumPercent: 50 });
}, 120_000);

afterAll(() => chain.close());

const client = () => createPublicClient({ transport: http(chain.rpcUrl) });
const stateOf = ({ governor: address }: DevGovernor, id: bigint) =>
  client().readContract({ address, abi: GOVERNOR, functionName: 'state', args: [id] });
const read = (
  { governor: address }: DevGovernor,
  functionName: 'votingDelay' | 'votingPeriod' | 'name' | 'CLOCK_MODE',
) => client().readContract({ address, abi: GOVERNOR, functionName });
const eventOf = async (hash: Hex) => {
  const { logs } = await client().getTransactionReceipt({ hash });
  return logs.map(({ data, topics }) => decodeEventLog({ abi: [...GOVERNOR, ...VOTES], data, topics }));
};

describe('a governor by blocks', () => {
  it('counts the votes that were given before the snapshot, and says who decided', async () => {
    await byBlock.mintVotes(ANN, 700n);
    await byBlock.mint(BEN, 200n);
    const [changed, moved] = await eventOf(await byBlock.delegate(BEN, CLEO));
    expect(changed?.eventName).toBe('DelegateChanged');
    expect(moved).toMatchObject({ args: { previousVotes: 0n, newVotes: 200n } });
    await byBlock.mint(DAN, 100n);
    const id = await byBlock.propose(ANN, '# Title\n\nBody with \u202e text');
    const snapshot = await client().readContract({
      address: byBlock.governor,
      abi: GOVERNOR,
      functionName: 'proposalSnapshot',
      args: [id],
    });
    expect(snapshot).toBe((await client().getBlockNumber({ cacheTime: 0 })) + 2n);
    expect(await stateOf(byBlock, id)).toBe(PENDING);
    await expect(byBlock.vote(id, ANN, 'for')).rejects.toThrow('not active');
    await byBlock.passTime(2);
    expect(await stateOf(byBlock, id)).toBe(ACTIVE);
    // What moves after the snapshot no longer matters.
    await byBlock.transfer(ANN, DAN, 700n);
    const votes = await eventOf(await byBlock.vote(id, ANN, 'for', 'a good thing'));
    expect(votes).toMatchObject([
      { eventName: 'VoteCast', args: { support: 1, weight: 700n, reason: 'a good thing' } },
    ]);
    const other = await eventOf(await byBlock.vote(id, CLEO, 'against', '', '0x01'));
    expect(other).toMatchObject([{ eventName: 'VoteCastWithParams', args: { weight: 200n, params: '0x01' } }]);
    await byBlock.vote(id, DAN, 'abstain');
    await expect(byBlock.vote(id, ANN, 'for')).rejects.toThrow();
    const args = [id] as const;
    const counted = { address: byBlock.governor, abi: GOVERNOR, functionName: 'proposalVotes', args } as const;
    expect(await client().readContract(counted)).toEqual([200n, 700n, 0n]);
    await byBlock.passTime(6);
    expect(await stateOf(byBlock, id)).toBe(SUCCEEDED);
    const token = { address: byBlock.token, abi: VOTES } as const;
    const past = (who: Hex) => client().readContract({ ...token, functionName: 'getPastVotes', args: [who, snapshot] });
    expect([await past(ANN), await past(BEN), await past(CLEO), await past(DAN)]).toEqual([700n, 0n, 200n, 0n]);
    const supply = await client().readContract({ ...token, functionName: 'getPastTotalSupply', args: [snapshot] });
    expect(supply).toBe(1_000n);
    const quorum = { address: byBlock.governor, abi: GOVERNOR, functionName: 'quorum', args: [snapshot] } as const;
    expect(await client().readContract(quorum)).toBe(40n);
    await expect(
      client().readContract({ ...token, functionName: 'getPastVotes', args: [ANN, 10n ** 9n] }),
    ).rejects.toThrow();
    await byBlock.queue(id, chain.nowSeconds() + 60);
    expect(await stateOf(byBlock, id)).toBe(QUEUED);
    await byBlock.execute(id);
    expect(await stateOf(byBlock, id)).toBe(EXECUTED);
  });

  it('cancels, extends, and knows no proposals but its own', async () => {
    const canceled = await byBlock.propose(BEN, 'to be canceled');
    await byBlock.cancel(canceled);
    expect(await stateOf(byBlock, canceled)).toBe(CANCELED);
    const longer = await byBlock.propose(BEN, 'to be extended');
    const deadline = (await client().getBlockNumber({ cacheTime: 0 })) + 30n;
    expect(await eventOf(await byBlock.extend(longer, deadline))).toMatchObject([{ eventName: 'ProposalExtended' }]);
    await byBlock.passTime(12);
    expect(await stateOf(byBlock, longer)).toBe(ACTIVE);
    await byBlock.passTime(20);
    expect(await stateOf(byBlock, longer)).toBe(DEFEATED);
    await expect(stateOf(byBlock, 7n)).rejects.toThrow();
  });
});

describe('a governor by time', () => {
  it('runs by seconds, and misses a quorum', async () => {
    expect(await read(byTime, 'CLOCK_MODE')).toBe('mode=timestamp');
    expect(await read(byBlock, 'CLOCK_MODE')).toBe('mode=blocknumber&from=default');
    expect([await read(byTime, 'votingDelay'), await read(byTime, 'votingPeriod')]).toEqual([60n, 3_600n]);
    await byTime.mintVotes(ANN, 10n);
    await byTime.mint(BEN, 90n);
    const id = await byTime.propose(ANN, 'half of all');
    await byTime.passTime(61);
    await byTime.vote(id, ANN, 'for');
    expect(await stateOf(byTime, id)).toBe(ACTIVE);
    await byTime.passTime(3_600);
    expect(await stateOf(byTime, id)).toBe(DEFEATED);
  });

  it('has the topics of the reference, and a row that the configuration takes', async () => {
    const topics = (await chain.client.getLogs({ address: byTime.governor, fromBlock: 0n })).map(
      (log) => (log.topics as Hex[])[0],
    );
    expect(topics).toContain('0xb8e138887d0aa13bab447e82de9d5c1777041ecd21ca36ba824ff1e6c07ddda4');
    const created = 'ProposalCreated(uint256,address,address[],uint256[],string[],bytes[],uint256,uint256,string)';
    expect(topics).toContain(keccak256(toBytes(created)));
    const [row] = governanceRows.parse(JSON.stringify([governorRow(byTime)]));
    expect(row).toMatchObject({
      kind: 'governor',
      governor: byTime.governor.toLowerCase(),
      chainId: 31_337,
      intervalMs: 1_000,
    });
  });
});
