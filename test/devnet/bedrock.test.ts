import { parseEventLogs } from 'viem';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Hex } from '../../src/lib/facts.ts';
import {
  type BedrockOptions,
  BR,
  type DevBedrock,
  EPOCH_SECONDS,
  startBedrock,
  WEEK_SECONDS,
  walletOf,
} from './bedrock.ts';
import {
  ADDRESS_VOTER_ABI,
  CLOCK_ABI,
  CURVE_ABI,
  ESCROW_ABI,
  LOCK_NFT_ABI,
  QUEUE_ABI,
  TOKEN_ABI,
  TOKEN_VOTER_ABI,
} from './bedrockAbi.ts';
import { compileContracts } from './compile.ts';
import { playSeasons, storyStart } from './seasons.ts';

const HOUR_SECONDS = 3_600;
/** The first second of an epoch. */
const EPOCH_START = 1_480 * EPOCH_SECONDS;
const ANN = walletOf('ann');
const BOB = walletOf('bob');

let bedrock: DevBedrock;
beforeAll(() => void compileContracts('bedrock'));
afterEach(() => bedrock.close());

const start = async (options: BedrockOptions = {}): Promise<void> => {
  bedrock = await startBedrock({ startSeconds: EPOCH_START, ...options });
};
const escrow = () => ({ address: bedrock.at.escrow, abi: ESCROW_ABI }) as const;
const clock = () => ({ address: bedrock.at.clock, abi: CLOCK_ABI }) as const;
const voter = () => ({ address: bedrock.at.voter, abi: TOKEN_VOTER_ABI }) as const;
const read = (): DevBedrock['chain']['client'] => bedrock.chain.client;
const powerOf = (id: bigint): Promise<bigint> =>
  read().readContract({ ...escrow(), functionName: 'votingPower', args: [id] });

/** What the voter said in that transaction, in log order. */
async function said(hash: Hex) {
  const { logs } = await read().getTransactionReceipt({ hash });
  return parseEventLogs({ abi: TOKEN_VOTER_ABI, logs, eventName: ['Voted', 'Reset'] }).map(({ eventName, args }) => ({
    ...args,
    eventName,
    gauge: args.gauge.toLowerCase(),
    voter: args.voter.toLowerCase(),
  }));
}

/** A lock of ten BR of Ann's with power, two gauges, and an open vote window. */
async function ready(options: BedrockOptions = {}) {
  await start(options);
  const id = await bedrock.lock(ANN, 10n * BR);
  const one = await bedrock.gauge('one');
  const two = await bedrock.gauge('two');
  await bedrock.toNextEpoch();
  await bedrock.toVoteWindow();
  return { id, one, two };
}

it('has every part where the escrow says, and tokens of 18 decimals', async () => {
  await start();
  const { at } = bedrock;
  const names = ['token', 'clock', 'curve', 'queue', 'lockNFT', 'voter'] as const;
  const found = await Promise.all(names.map((functionName) => read().readContract({ ...escrow(), functionName })));
  expect(found.map((address) => address.toLowerCase())).toEqual([
    at.token,
    at.clock,
    at.curve,
    at.queue,
    at.lockNft,
    at.voter,
  ]);
  expect(await read().readContract({ address: at.token, abi: TOKEN_ABI, functionName: 'decimals' })).toBe(18);
  expect(bedrock.env.BEDROCK_CHAIN_ID).toBe(String(await read().getChainId()));
});

describe('power', () => {
  it('is nothing until the next checkpoint, then grows to eight times the amount in six epochs, and no further', async () => {
    await start();
    const id = await bedrock.lock(ANN, 10n * BR);
    expect(await powerOf(id)).toBe(0n);
    await bedrock.toNextCheckpoint();
    expect(await powerOf(id)).toBe(10n * BR);
    await bedrock.chain.mine(3 * EPOCH_SECONDS);
    expect(await powerOf(id)).toBe(45n * BR);
    await bedrock.chain.mine(3 * EPOCH_SECONDS);
    expect(await powerOf(id)).toBe(80n * BR);
    await bedrock.chain.mine(EPOCH_SECONDS);
    expect(await powerOf(id)).toBe(80n * BR);
    const curve = { address: bedrock.at.curve, abi: CURVE_ABI } as const;
    expect(await read().readContract({ ...curve, functionName: 'previewMaxBias', args: [BR] })).toBe(8n * BR);
    const [c0, c1, c2] = await read().readContract({ ...curve, functionName: 'getCoefficients', args: [10n * BR] });
    const weeks = BigInt(WEEK_SECONDS);
    const bias = await read().readContract({ ...curve, functionName: 'getBias', args: [weeks, 10n * BR] });
    const rounded = bias - (c0 + c1 * weeks + c2 * weeks ** 2n);
    expect(rounded >= 0n && rounded <= weeks).toBe(true);
  });

  it('starts anew with a season, which starts at the checkpoint after its announcement', async () => {
    await start();
    const id = await bedrock.lock(ANN, 10n * BR);
    await bedrock.toNextCheckpoint();
    await bedrock.chain.mine(2 * EPOCH_SECONDS + 100);
    const before = await powerOf(id);
    await bedrock.newSeason();
    expect(await powerOf(id)).toBeGreaterThanOrEqual(before);
    expect(await read().readContract({ ...clock(), functionName: 'currentSeasonIndex' })).toBe(0);
    await bedrock.toNextCheckpoint();
    expect(await powerOf(id)).toBe(10n * BR);
    expect(await read().readContract({ ...clock(), functionName: 'currentSeasonIndex' })).toBe(1);
    expect(await read().readContract({ ...clock(), functionName: 'currentSeasonTs' })).toEqual([
      bedrock.chain.nowSeconds(),
      0,
    ]);
    await expect(bedrock.newSeason()).rejects.toThrow('SeasonTooShort');
  });

  it('has no total, and no seasons on a plain clock', async () => {
    await start({ seasons: false });
    await expect(read().readContract({ ...escrow(), functionName: 'totalVotingPower' })).rejects.toThrow(
      'Supply Not Implemented',
    );
    for (const functionName of ['currentSeasonIndex', 'currentSeasonTs'] as const) {
      await expect(read().readContract({ ...clock(), functionName })).rejects.toThrow('reverted');
    }
    expect((await bedrock.view()).season).toBeNull();
  });
});

describe('votes by lock', () => {
  it('are one event a gauge, with weights of any scale, of power that is frozen', async () => {
    const { id, one, two } = await ready();
    const hash = await bedrock.vote(ANN, id, [
      [one, 3],
      [two, 1],
    ]);
    const power = await powerOf(id);
    const [first, second] = await said(hash);
    const votes = { eventName: 'Voted', voter: ANN, tokenId: id, epoch: BigInt(EPOCH_START / EPOCH_SECONDS + 1) };
    expect(first).toMatchObject({ ...votes, gauge: one, votingPowerCastForGauge: (power * 3n) / 4n });
    expect(second).toMatchObject({ ...votes, gauge: two, votingPowerCastForGauge: power / 4n });
    const cast = (power * 3n) / 4n + power / 4n;
    expect(second).toMatchObject({ totalVotingPowerInGauge: power / 4n, totalVotingPowerInContract: cast });
    await bedrock.toNextEpoch();
    expect(await bedrock.view()).toMatchObject({ totalCastWei: cast, locks: [{ id, owner: ANN }] });
    expect(await powerOf(id)).toBeGreaterThan(power);
  });

  it('are taken back gauge by gauge before they are cast anew', async () => {
    const { id, one, two } = await ready();
    const old = await said(
      await bedrock.vote(ANN, id, [
        [one, 1],
        [two, 1],
      ]),
    );
    const anew = await said(await bedrock.vote(ANN, id, [[two, 1]]));
    expect(anew.map(({ eventName, gauge }) => [eventName, gauge])).toEqual([
      ['Reset', one],
      ['Reset', two],
      ['Voted', two],
    ]);
    const cast = old.map((event) => 'votingPowerCastForGauge' in event && event.votingPowerCastForGauge);
    const removed = anew.map((event) => 'votingPowerRemovedFromGauge' in event && event.votingPowerRemovedFromGauge);
    expect(removed.slice(0, 2)).toEqual(cast);
    await bedrock.reset(ANN, id);
    expect(await bedrock.view()).toMatchObject({ totalCastWei: 0n, standing: new Map() });
    await expect(bedrock.reset(ANN, id)).rejects.toThrow('NotCurrentlyVoting');
  });

  it('end with the season, and no log says so', async () => {
    const { id, one } = await ready();
    await bedrock.vote(ANN, id, [[one, 1]]);
    const { totalCastWei } = await bedrock.view();
    expect(totalCastWei).toBeGreaterThan(0n);
    await bedrock.newSeason();
    const announced = await read().getBlockNumber({ cacheTime: 0 });
    expect(await bedrock.view()).toMatchObject({ totalCastWei });
    await bedrock.toNextCheckpoint();
    expect(await bedrock.view()).toMatchObject({ totalCastWei: 0n, season: 1, standing: new Map() });
    expect(await read().getLogs({ fromBlock: announced + 1n })).toEqual([]);
    const kept = { ...voter(), functionName: 'seasonTotalVotingPowerCast', args: [0] } as const;
    expect(await read().readContract(kept)).toBe(totalCastWei);
    expect((await bedrock.view(announced)).totalCastWei).toBe(totalCastWei);
  });

  it('are cast by an approved operator under the name of the operator, and by nobody else', async () => {
    const { id, one } = await ready();
    await expect(bedrock.vote(BOB, id, [[one, 1]])).rejects.toThrow('NotApprovedOrOwner');
    await bedrock.approveOperator(ANN, BOB);
    expect(await said(await bedrock.vote(BOB, id, [[one, 1]]))).toMatchObject([{ voter: BOB, tokenId: id }]);
    expect((await bedrock.view()).locks).toMatchObject([{ owner: ANN }]);
    await bedrock.deactivateGauge(one);
    await expect(bedrock.vote(BOB, id, [[one, 1]])).rejects.toThrow('GaugeInactive');
  });

  it('are taken from an hour after the start of an epoch until an hour before its second week', async () => {
    const { id, one } = await ready();
    const from = EPOCH_START + EPOCH_SECONDS + HOUR_SECONDS;
    const until = EPOCH_START + EPOCH_SECONDS + WEEK_SECONDS - HOUR_SECONDS;
    const tryAt = async (atSeconds: number): Promise<unknown> => {
      await bedrock.chain.toSeconds(atSeconds - 1);
      return await bedrock.vote(ANN, id, [[one, 1]]).then(
        () => 'taken',
        (error: Error) => /Voting\w+/.exec(error.message)?.[0],
      );
    };
    expect(await tryAt(until - 1)).toBe('taken');
    expect(await tryAt(until + 1)).toBe('VotingInactive');
    expect(await tryAt(from + EPOCH_SECONDS - 2)).toBe('VotingInactive');
    expect(await tryAt(from + EPOCH_SECONDS)).toBe('taken');
    const times = await Promise.all(
      (['epochVoteStartTs', 'epochVoteEndTs'] as const).map((functionName) =>
        read().readContract({ ...clock(), functionName }),
      ),
    );
    // The start of the window is "now" for as long as it is open.
    expect(times).toEqual([from + EPOCH_SECONDS, until + EPOCH_SECONDS].map(BigInt));
    await bedrock.alwaysOpen(true);
    expect(await tryAt(until + EPOCH_SECONDS + 10)).toBe('taken');
  });
});

it('holds a lock that exits in the name of the escrow until it is withdrawn', async () => {
  const { id, one } = await ready();
  await bedrock.vote(ANN, id, [[one, 1]]);
  await expect(bedrock.exit(ANN, id)).rejects.toThrow('CannotExit');
  await bedrock.reset(ANN, id);
  await expect(bedrock.exit(ANN, id)).rejects.toThrow('MinLockNotReached');
  await bedrock.chain.mine(4 * WEEK_SECONDS);
  await bedrock.exit(ANN, id);
  expect(await bedrock.view()).toMatchObject({ locks: [{ id, owner: bedrock.at.escrow, holder: ANN }] });
  expect(await powerOf(id)).toBeGreaterThan(0n);
  await bedrock.toNextCheckpoint();
  expect(await powerOf(id)).toBe(0n);
  await expect(bedrock.withdraw(ANN, id)).rejects.toThrow('CannotExit');
  const queue = { address: bedrock.at.queue, abi: QUEUE_ABI, functionName: 'queue', args: [id] } as const;
  const { exitDate } = await read().readContract(queue);
  await bedrock.chain.toSeconds(Number(exitDate));
  await expect(bedrock.withdraw(BOB, id)).rejects.toThrow('NotTicketHolder');
  await bedrock.withdraw(ANN, id);
  expect(await bedrock.view()).toMatchObject({ locks: [], totalLockedWei: 0n });
  const balance = { address: bedrock.at.token, abi: TOKEN_ABI, functionName: 'balanceOf', args: [ANN] } as const;
  expect(await read().readContract(balance)).toBe(10n * BR);
});

it('moves receipts only when that is allowed, and their votes with them', async () => {
  const { id, one } = await ready();
  await bedrock.vote(ANN, id, [[one, 1]]);
  const { standing } = await bedrock.view();
  await expect(bedrock.transfer(ANN, BOB, id)).rejects.toThrow('NotWhitelisted');
  await bedrock.enableTransfers();
  const { logs } = await read().getTransactionReceipt({ hash: await bedrock.transfer(ANN, BOB, id) });
  const moves = parseEventLogs({ abi: LOCK_NFT_ABI, logs, eventName: 'Transfer' });
  expect(moves.map(({ args }) => [args.from.toLowerCase(), args.to.toLowerCase(), args.tokenId])).toEqual([
    [ANN, BOB, id],
  ]);
  expect(await bedrock.view()).toMatchObject({ locks: [{ id, owner: BOB }], standing });
});

it('says what the reference says it does, topic by topic', async () => {
  const { id, one } = await ready();
  await bedrock.vote(ANN, id, [[one, 1]]);
  await bedrock.reset(ANN, id);
  await bedrock.newSeason();
  await bedrock.chain.mine(4 * WEEK_SECONDS);
  await bedrock.exit(ANN, id);
  await bedrock.chain.mine(2 * WEEK_SECONDS + 1);
  await bedrock.withdraw(ANN, id);
  const other = await bedrock.lock(ANN, BR);
  await bedrock.switchVoter('address');
  await bedrock.createGauge(one, 'one');
  await bedrock.toNextEpoch();
  await bedrock.toVoteWindow();
  await bedrock.vote(ANN, other, [[one, 1]]);
  await bedrock.reset(ANN, other);
  const topics = new Set((await read().getLogs({ fromBlock: 0n })).map((log) => log.topics[0]));
  // The hashes are those of bedrock.md, parts 2 and 3.
  for (const topic of [
    '0x7162984403f6c73c8639375d45a9187dfd04602231bd8e587c415718b5f7e5f9',
    '0xe08737ac48a1dab4b1a46c7dc9398bd5bfc6d7ad6fabb7cd8caa254de14def35',
    '0x29f55245751b3bf251897141c5269f23f864bf2bb8608050dc476c5d49957fa8',
    '0xc2e08dda2639fb332996dc4eee129c35a993f33a0362e69439c5d2e9df903c2e',
    '0x7a881a18bc3d2c64d59fea076f490b4df6ca4a14d87059fcab1e4c04ec516bf9',
    '0xe72b86315c30bd1bf352c4cf97594ba793f3e31b74bc874ce47ede0df6920ae9',
    '0x9597ca1d5e7730de0b0614eeeea16ce1a90d9798253c18b1b4941ae3d2d454ec',
    '0xe87470fcfb5344dc8e12bed9dd48daacd950077df9304ffc65c423ee4fb44355',
  ] as const) {
    expect(topics).toContain(topic);
  }
});

describe('votes by address', () => {
  it('follow a lock that leaves, without a vote of their owner', async () => {
    const { id, one } = await ready({ form: 'address', seasons: false });
    await bedrock.vote(ANN, id, [[one, 1]]);
    expect((await bedrock.view()).standing.get(ANN)?.get(one)).toBe(await powerOf(id));
    await bedrock.enableTransfers();
    const { logs } = await read().getTransactionReceipt({ hash: await bedrock.transfer(ANN, BOB, id) });
    const events = parseEventLogs({ abi: ADDRESS_VOTER_ABI, logs, eventName: ['Voted', 'Reset'] });
    expect(events.map(({ eventName, args }) => [eventName, args.voter.toLowerCase()])).toEqual([
      ['Reset', ANN],
      ['Voted', ANN],
    ]);
    const view = await bedrock.view();
    expect(view).toMatchObject({ totalCastWei: 0n, standing: new Map([[ANN, new Map([[one, 0n]])]]) });
  });

  it('end with the epoch where no hook follows them', async () => {
    const { id, one } = await ready({ form: 'address', seasons: false, hook: false });
    await bedrock.vote(ANN, id, [[one, 1]]);
    expect((await bedrock.view()).totalCastWei).toBe(await powerOf(id));
    await bedrock.toNextEpoch();
    expect(await bedrock.view()).toMatchObject({ totalCastWei: 0n, standing: new Map() });
  });
});

it('changes its voter without a log', async () => {
  const { id, one } = await ready();
  await bedrock.vote(ANN, id, [[one, 1]]);
  const fromBlock = (await read().getBlockNumber({ cacheTime: 0 })) + 1n;
  const old = bedrock.at.voter;
  const current = await bedrock.switchVoter('token');
  expect((await read().readContract({ ...escrow(), functionName: 'voter' })).toLowerCase()).toBe(current);
  expect(await read().getLogs({ fromBlock })).toEqual([]);
  expect(await bedrock.view()).toMatchObject({ gauges: [], totalCastWei: 0n });
  expect(bedrock.voters.map(({ address }) => address)).toEqual([old, current]);
  expect((await bedrock.view(fromBlock - 1n)).totalCastWei).toBe(await powerAt(id, fromBlock - 1n));
});

const powerAt = (id: bigint, blockNumber: bigint): Promise<bigint> =>
  read().readContract({ ...escrow(), functionName: 'votingPower', args: [id], blockNumber });

it('has a multicall contract only where one is wanted', async () => {
  const address = '0xcA11bde05977b3631167028862bE2a173976CA11';
  await start();
  expect(await read().getCode({ address })).toBeUndefined();
  await bedrock.close();
  await start({ multicall: true });
  const contracts = [
    { ...escrow(), functionName: 'lastLockId' },
    { ...escrow(), functionName: 'totalVotingPower' },
    { ...escrow(), functionName: 'isVoting', args: [9n] },
  ] as const;
  const answers = await read().multicall({ multicallAddress: address, contracts });
  expect(answers.map(({ status }) => status)).toEqual(['success', 'failure', 'success']);
});

it('plays seasons of thinning participation, and a whale that comes late', async () => {
  const nowSeconds = EPOCH_START + 5 * WEEK_SECONDS + 17;
  await start({ startSeconds: storyStart(nowSeconds) });
  const story = await playSeasons(bedrock);
  expect(bedrock.chain.nowSeconds()).toBeLessThan(nowSeconds);
  const turnout = story.epochs.map(({ voters }) => voters.length);
  const { epochs, wallets, whale, seasonStartSeconds } = story;
  const last = epochs.at(-1) as (typeof epochs)[number];
  expect(last.epoch).toBe(Math.floor(nowSeconds / EPOCH_SECONDS) - 1);
  expect(epochs.map(({ epoch }) => epoch)).toEqual(epochs.map((_, index) => (epochs[0]?.epoch ?? 0) + index));
  expect(turnout.slice(0, -1)).toEqual([...turnout.slice(0, -1)].sort((a, b) => b - a));
  for (const { lastBlock, season, voters } of epochs) {
    const view = await bedrock.view(lastBlock);
    expect(view.season).toBe(season);
    for (const voter of voters) {
      const lock = [...wallets, ...(whale === null ? [] : [whale])].find(({ address }) => address === voter)?.lock;
      expect(view.standing.has(String(lock))).toBe(true);
    }
  }
  const { locks } = await bedrock.view(last.lastBlock);
  const powers = locks.map(({ powerWei }) => powerWei);
  const whalePower = locks.find(({ owner }) => owner === whale?.address)?.powerWei ?? 0n;
  expect(whalePower * 2n).toBeGreaterThan(powers.reduce((sum, power) => sum + power, 0n));
  expect(seasonStartSeconds % EPOCH_SECONDS).toBe(0);
  expect(seasonStartSeconds).toBe((epochs.find(({ season }) => season === 1)?.epoch ?? 0) * EPOCH_SECONDS);
});
