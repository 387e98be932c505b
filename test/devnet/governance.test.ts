import { createHash } from 'node:crypto';
import { createPublicClient, decodeEventLog, type Hex, http, parseAbi } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RpcProxy, startRpcProxy } from '../rigs/rpcProxy.ts';
import { type DevChain, startChain } from './chain.ts';
import { deployGovernance, type Governance } from './governance.ts';

/** As the reference types it, not as our contracts do. */
const PAGES = [
  'struct PageRequest { bytes key; uint64 offset; uint64 limit; bool countTotal; bool reverse; }',
  'struct PageResponse { bytes nextKey; uint64 total; }',
  'struct Coin { string denom; uint256 amount; }',
  'struct Dec { uint256 value; uint8 precision; }',
] as const;
const GOV = parseAbi([
  ...PAGES,
  'struct TallyResult { string yes; string abstain; string no; string noWithVeto; }',
  'struct WeightedVoteOption { uint8 option; string weight; }',
  'struct Proposal { uint64 id; string[] messages; uint32 status; TallyResult finalTallyResult; uint64 submitTime; uint64 depositEndTime; Coin[] totalDeposit; uint64 votingStartTime; uint64 votingEndTime; string metadata; string title; string summary; address proposer; }',
  'struct WeightedVote { uint64 proposalId; address voter; WeightedVoteOption[] options; string metadata; }',
  'struct GovParams { int64 votingPeriod; Coin[] minDeposit; int64 maxDepositPeriod; string quorum; string threshold; string vetoThreshold; string minInitialDepositRatio; string proposalCancelRatio; string proposalCancelDest; int64 expeditedVotingPeriod; string expeditedThreshold; Coin[] expeditedMinDeposit; bool burnVoteQuorum; bool burnProposalDepositPrevote; bool burnVoteVeto; string minDepositRatio; }',
  'function getProposal(uint64 proposalId) view returns (Proposal proposal)',
  'function getProposals(uint32 proposalStatus, address voter, address depositor, PageRequest pagination) view returns (Proposal[] proposals, PageResponse pageResponse)',
  'function getTallyResult(uint64 proposalId) view returns (TallyResult tallyResult)',
  'function getVote(uint64 proposalId, address voter) view returns (WeightedVote vote)',
  'function getVotes(uint64 proposalId, PageRequest pagination) view returns (WeightedVote[] votes, PageResponse pageResponse)',
  'function getParams() view returns (GovParams params)',
  'function getConstitution() view returns (string constitution)',
  'event SubmitProposal(address indexed proposer, uint64 proposalId)',
  'event Vote(address indexed voter, uint64 proposalId, uint8 option)',
  'event VoteWeighted(address indexed voter, uint64 proposalId, WeightedVoteOption[] options)',
]);
const STAKING = parseAbi([
  ...PAGES,
  'struct Description { string moniker; string identity; string website; string securityContact; string details; }',
  'struct Validator { string operatorAddress; string consensusPubkey; bool jailed; uint8 status; uint256 tokens; uint256 delegatorShares; Description description; int64 unbondingHeight; int64 unbondingTime; uint256 commission; uint256 minSelfDelegation; }',
  'function validator(address validatorAddress) view returns (Validator)',
  'function validators(string status, PageRequest pageRequest) view returns (Validator[] validators, PageResponse pageResponse)',
  'function delegation(address delegatorAddress, string validatorAddress) view returns (uint256 shares, Coin balance)',
]);
const SLASHING = parseAbi([
  ...PAGES,
  'struct SigningInfo { address validatorAddress; int64 startHeight; int64 indexOffset; int64 jailedUntil; bool tombstoned; int64 missedBlocksCounter; }',
  'struct SlashingParams { int64 signedBlocksWindow; Dec minSignedPerWindow; int64 downtimeJailDuration; Dec slashFractionDoubleSign; Dec slashFractionDowntime; }',
  'function getSigningInfo(address consAddress) view returns (SigningInfo signingInfo)',
  'function getSigningInfos(PageRequest pagination) view returns (SigningInfo[] signingInfos, PageResponse pageResponse)',
  'function getParams() view returns (SlashingParams params)',
  'event ValidatorUnjailed(address indexed validator)',
]);
const GOV_AT = '0x0000000000000000000000000000000000000805';
const STAKING_AT = '0x0000000000000000000000000000000000000800';
const SLASHING_AT = '0x0000000000000000000000000000000000000806';
const NOBODY = '0x0000000000000000000000000000000000000000';
const STRANGER: Hex = '0x00000000000000000000000000000000000057a6';
const WHOLE = 10n ** 18n;

let chain: DevChain;
let governance: Governance;
let proxy: RpcProxy;

beforeAll(async () => {
  chain = await startChain();
  governance = await deployGovernance(chain, { validators: 4 });
  proxy = await startRpcProxy(chain.rpcUrl);
  proxy.instead = governance.emptyAnswer;
}, 120_000);

afterAll(async () => {
  await proxy.close();
  await chain.close();
});

const client = () => createPublicClient({ transport: http(proxy.url, { retryCount: 0 }) });
const page = (about: object = {}) => ({
  ...{ key: '0x' as Hex, offset: 0n, limit: 0n, countTotal: false, reverse: false },
  ...about,
});
const gov = { address: GOV_AT, abi: GOV } as const;
const staking = { address: STAKING_AT, abi: STAKING } as const;
const slashing = { address: SLASHING_AT, abi: SLASHING } as const;
const proposals = (status = 0, about: object = {}, voter: Hex = NOBODY) =>
  client().readContract({ ...gov, functionName: 'getProposals', args: [status, voter, NOBODY, page(about)] });
const votes = (id: bigint, about: object = {}) =>
  client().readContract({ ...gov, functionName: 'getVotes', args: [id, page(about)] });
const proposal = (id: bigint) => client().readContract({ ...gov, functionName: 'getProposal', args: [id] });
const tally = (id: bigint) => client().readContract({ ...gov, functionName: 'getTallyResult', args: [id] });
const validators = (status = '', about: object = {}) =>
  client().readContract({ ...staking, functionName: 'validators', args: [status, page(about)] });
const signing = () => client().readContract({ ...slashing, functionName: 'getSigningInfos', args: [page()] });
/** Logs of all since that block. */
const logsSince = (block: bigint) => chain.client.getLogs({ fromBlock: block + 1n, toBlock: 'latest' });
const head = () => client().getBlockNumber({ cacheTime: 0 });

describe('proposals', () => {
  // The first one: nothing else was submitted yet.
  it('are listed by id, filtered by status and voter, in pages', async () => {
    const ids: bigint[] = [];
    for (let at = 0; at < 5; at += 1) ids.push(await governance.submit({ title: `Number ${at}` }));
    const waiting = await governance.submit({ status: 'deposit' });
    await governance.vote(ids[1] as bigint, 'aurora', 'yes');
    await governance.finish(ids[0] as bigint, 'passed');
    await governance.finish(ids[2] as bigint, 'rejected');
    await governance.finish(ids[3] as bigint, 'failed');

    const [all, { total, nextKey }] = await proposals();
    expect(all.map(({ id }) => id)).toEqual([...ids, waiting]);
    expect(all.map(({ status }) => status)).toEqual([3, 2, 4, 5, 2, 1]);
    // No limit counts; there is no next page.
    expect([total, nextKey]).toEqual([6n, '0x']);
    const [open] = await proposals(2);
    expect(open.map(({ id }) => id)).toEqual([ids[1], ids[4]]);
    const [voted] = await proposals(0, {}, governance.validators.find('aurora').address);
    expect(voted.map(({ id }) => id)).toEqual([ids[1]]);

    const [first, { nextKey: second, total: counted }] = await proposals(0, { limit: 4n, countTotal: true });
    expect([first.length, counted]).toEqual([4, 6n]);
    const [rest, last] = await proposals(0, { key: second, limit: 4n, countTotal: true });
    expect(rest.map(({ id }) => id)).toEqual([ids[4], waiting]);
    expect(last).toEqual({ nextKey: '0x', total: 0n });
    const [newest, { nextKey: older }] = await proposals(0, { key: '0x00', limit: 2n, reverse: true });
    expect(newest.map(({ id }) => id)).toEqual([waiting, ids[4]]);
    const [before] = await proposals(0, { key: older, limit: 2n, reverse: true });
    expect(before.map(({ id }) => id)).toEqual([ids[3], ids[2]]);
    const [skipped] = await proposals(0, { offset: 5n, limit: 9n });
    expect(skipped.map(({ id }) => id)).toEqual([waiting]);
    await expect(proposals(0, { key: second, offset: 1n })).rejects.toThrow('either offset or key');
  });

  it('tell times in seconds and periods in nanoseconds, and what they say', async () => {
    const now = chain.nowSeconds();
    const hostile = '\u202e@everyone <script>\n';
    const messages = ['/poa.MsgAddValidator', '/cosmos.upgrade.v1beta1.MsgSoftwareUpgrade'];
    const id = await governance.submit({ title: hostile, summary: 'why', messages, endSeconds: now + 900 });
    const read = await proposal(id);
    expect(read).toMatchObject({ title: hostile, summary: 'why', messages, status: 2, proposer: expect.any(String) });
    expect(read.votingStartTime).toBe(BigInt(now));
    expect(read.votingEndTime).toBe(BigInt(now + 900));
    const { votingPeriod, quorum } = await client().readContract({ ...gov, functionName: 'getParams' });
    expect(votingPeriod).toBe(172_800n * 10n ** 9n);
    await governance.setParams({ quorum: '0.400000000000000000' });
    const changed = await client().readContract({ ...gov, functionName: 'getParams' });
    expect([quorum, changed.quorum]).toEqual(['0.334000000000000000', '0.400000000000000000']);
    await governance.moveEnd(id, now + 90);
    expect((await proposal(id)).votingEndTime).toBe(BigInt(now + 90));
    const waiting = await governance.submit({ status: 'deposit' });
    expect(await proposal(waiting)).toMatchObject({ votingStartTime: 0n, votingEndTime: 0n, totalDeposit: [] });
    await governance.openVoting(waiting, now + 77);
    expect(await proposal(waiting)).toMatchObject({ status: 2, votingEndTime: BigInt(now + 77) });
    await governance.remove(waiting);
    await expect(proposal(waiting)).rejects.toThrow("doesn't exist");
  });

  it('count bonded tokens of validators that vote, and lose their votes with the end', async () => {
    const id = await governance.submit();
    await governance.validators.setPower('boreas', 3n * WHOLE);
    await governance.vote(id, 'aurora', 'yes');
    await governance.vote(id, 'boreas', 'no', { metadata: 'because' });
    await governance.voteWeighted(id, 'cirrus', [
      { option: 'yes', weight: '0.75' },
      { option: 'abstain', weight: '0.25' },
    ]);
    await governance.vote(id, STRANGER, 'veto');
    const running = { yes: '1750000000000000000', abstain: '250000000000000000', no: '3000000000000000000' };
    expect(await tally(id)).toEqual({ ...running, noWithVeto: '0' });
    expect((await proposal(id)).finalTallyResult).toEqual({ yes: '0', abstain: '0', no: '0', noWithVeto: '0' });

    const [read, { total }] = await votes(id, { limit: 2n, countTotal: true });
    expect([read.length, total]).toEqual([2, 4n]);
    const [all] = await votes(id);
    const addresses = all.map(({ voter }) => voter.toLowerCase());
    expect(addresses).toEqual([...addresses].sort());
    const boreas = governance.validators.find('boreas').address;
    const one = await client().readContract({ ...gov, functionName: 'getVote', args: [id, boreas] });
    expect(one).toMatchObject({ metadata: 'because', options: [{ option: 3 }] });
    // A second vote replaces the first.
    await governance.vote(id, 'boreas', 'veto');
    expect((await votes(id))[0]).toHaveLength(4);
    expect(await tally(id)).toMatchObject({ no: '0', noWithVeto: '3000000000000000000' });
    // One that is jailed no longer counts.
    await governance.validators.jail('boreas');
    expect(await tally(id)).toMatchObject({ noWithVeto: '0' });

    await governance.finish(id, 'passed');
    const kept = { yes: '1750000000000000000', abstain: '250000000000000000', no: '0', noWithVeto: '0' };
    expect(await proposal(id)).toMatchObject({ status: 3, finalTallyResult: kept });
    expect(await tally(id)).toEqual(kept);
    expect(await votes(id)).toEqual([[], { nextKey: '0x', total: 0n }]);
    await expect(client().readContract({ ...gov, functionName: 'getVote', args: [id, boreas] })).rejects.toThrow(
      'not found',
    );
    await expect(governance.vote(id, 'aurora', 'no')).rejects.toThrow('inactive');
    await governance.validators.unjail('boreas');
    await governance.validators.setPower('boreas', WHOLE);
  });

  it('leave logs only when they come through the EVM', async () => {
    const from = await head();
    const quiet = await governance.submit();
    await governance.vote(quiet, 'aurora', 'yes');
    expect(await logsSince(from)).toEqual([]);
    const id = await governance.submit({ evm: true });
    await governance.vote(id, 'aurora', 'no', { evm: true });
    const split = [
      { option: 'yes', weight: '0.5' },
      { option: 'no', weight: '0.5' },
    ] as const;
    await governance.voteWeighted(id, 'boreas', [...split], { evm: true });
    const logs = await logsSince(from);
    const decoded = logs.map(({ data, topics }) => decodeEventLog({ abi: GOV, data, topics }));
    expect(decoded.map(({ eventName }) => eventName)).toEqual(['SubmitProposal', 'Vote', 'VoteWeighted']);
    expect(decoded[1]?.args).toMatchObject({ proposalId: id, option: 3 });
  });

  it('are missing from so many answers behind a proxy, or listed twice', async () => {
    const id = await governance.submit();
    await governance.vote(id, 'aurora', 'yes');
    governance.emptyNext('proposals');
    governance.emptyNext('votes', 2);
    expect((await proposals())[0]).toEqual([]);
    expect((await proposals())[0].length).toBeGreaterThan(0);
    expect((await votes(id))[0]).toEqual([]);
    expect(governance.emptiesLeft('votes')).toBe(1);
    expect((await votes(id))[0]).toEqual([]);
    expect((await votes(id))[0]).toHaveLength(1);
    await governance.setRepeats(true);
    expect((await votes(id))[0].map(({ proposalId }) => proposalId)).toEqual([id, id]);
    const [twice] = await proposals(0, { limit: 1n, reverse: true });
    expect(twice.map((one) => one.id)).toEqual([id, id]);
    await governance.setRepeats(false);
    expect((await votes(id))[0]).toHaveLength(1);
    expect(await tally(id)).toMatchObject({ yes: String(WHOLE) });
  });
});

describe('validators', () => {
  it('have one power each, and a key that leads to their signing record', async () => {
    const [read, { total }] = await validators('BOND_STATUS_BONDED');
    expect([read.length, total]).toEqual([4, 4n]);
    const [infos] = await signing();
    for (const one of read) {
      expect(one.tokens).toBe(WHOLE);
      expect(one.operatorAddress).toMatch(/^0x[0-9a-fA-F]{40}$/);
      const key = Buffer.from(one.consensusPubkey, 'base64');
      expect(key).toHaveLength(32);
      const consensus = `0x${createHash('sha256').update(key).digest('hex').slice(0, 40)}`;
      expect(infos.map(({ validatorAddress }) => validatorAddress.toLowerCase())).toContain(consensus);
      const alone = await client().readContract({
        ...staking,
        functionName: 'validator',
        args: [one.operatorAddress as Hex],
      });
      expect(alone).toEqual(one);
    }
    const nobody = await client().readContract({ ...staking, functionName: 'validator', args: [STRANGER] });
    expect(nobody).toMatchObject({ operatorAddress: '', tokens: 0n, status: 0 });
    const [shares] = await client().readContract({ ...staking, functionName: 'delegation', args: [STRANGER, ''] });
    expect(shares).toBe(0n);
    await expect(validators('BONDED')).rejects.toThrow('invalid validator status');
  });

  it('are jailed, freed, miss blocks, gain power, come and go', async () => {
    const { list, find } = governance.validators;
    const until = chain.nowSeconds() + 600;
    const infoOf = async (name: string) => {
      const args = [find(name).consensus] as const;
      return await client().readContract({ ...slashing, functionName: 'getSigningInfo', args });
    };
    const read = async (name: string) =>
      (await validators())[0].find(({ description }) => description.moniker === find(name).moniker);
    const quiet = await head();
    await governance.validators.setMissed('dione', 37);
    expect(await infoOf('dione')).toMatchObject({ missedBlocksCounter: 37n, jailedUntil: 0n, tombstoned: false });
    await governance.validators.jail('dione', until);
    expect(await read('dione')).toMatchObject({ jailed: true, status: 2, tokens: WHOLE });
    expect(await infoOf('dione')).toMatchObject({ jailedUntil: BigInt(until), missedBlocksCounter: 0n });
    expect((await validators('BOND_STATUS_BONDED'))[0]).toHaveLength(3);
    expect(await logsSince(quiet)).toEqual([]);
    await governance.validators.unjail('dione', { evm: true });
    expect(await read('dione')).toMatchObject({ jailed: false, status: 3 });
    const [log] = await logsSince(quiet);
    expect(log && decodeEventLog({ abi: SLASHING, data: log.data, topics: log.topics }).eventName).toBe(
      'ValidatorUnjailed',
    );
    await governance.validators.add('hesperus', { tokensWei: 5n * WHOLE, unsigned: true });
    expect(list).toHaveLength(5);
    expect(await read('hesperus')).toMatchObject({ tokens: 5n * WHOLE });
    await expect(infoOf('hesperus')).rejects.toThrow('not found');
    await governance.validators.setPower('hesperus', 2n * WHOLE);
    expect(await read('hesperus')).toMatchObject({ tokens: 2n * WHOLE });
    const consensus = find('hesperus').consensus;
    await governance.validators.tombstone('aurora');
    expect(await infoOf('aurora')).toMatchObject({ tombstoned: true });
    await governance.validators.remove('hesperus');
    const [left] = await validators();
    expect(left).toHaveLength(4);
    expect((await signing())[0].map(({ validatorAddress }) => validatorAddress.toLowerCase())).not.toContain(consensus);
    const params = await client().readContract({ ...slashing, functionName: 'getParams' });
    expect(params).toMatchObject({ signedBlocksWindow: 100n, downtimeJailDuration: 600n });
    expect(params.minSignedPerWindow).toEqual({ value: WHOLE / 2n, precision: 18 });
  });
});
