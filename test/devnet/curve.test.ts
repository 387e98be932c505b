import { createPublicClient, getAddress, type Hex, http, parseAbi } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { governanceRows } from '../../src/config/governanceRows.ts';
import { type DevChain, startChain } from './chain.ts';
import { curveRow, type DevCurve, deployCurve, WEEK_SECONDS } from './curve.ts';

/** As the reference types it. */
const ESCROW = parseAbi([
  'function balanceOf(address addr) view returns (uint256)',
  'function balanceOfAt(address addr, uint256 block) view returns (uint256)',
  'function totalSupply() view returns (uint256)',
  'function totalSupplyAt(uint256 block) view returns (uint256)',
  'function locked(address) view returns (int128 amount, uint256 end)',
  'function locked__end(address addr) view returns (uint256)',
  'function supply() view returns (uint256)',
]);
const CONTROLLER = parseAbi([
  'event VoteForGauge(uint256 time, address user, address gauge_addr, uint256 weight)',
  'function n_gauges() view returns (int128)',
  'function gauges(uint256) view returns (address)',
  'function gauge_relative_weight(address addr, uint256 time) view returns (uint256)',
  'function vote_user_slopes(address user, address gauge) view returns (uint256 slope, uint256 power, uint256 end)',
  'function vote_user_power(address user) view returns (uint256)',
]);
const TOPICS = {
  voted: '0x45ca9a4c8d0119eb329e580d28fe689e484e1be230da8037ade9547d2d25cc91',
  gauge: '0xfd55b3191f9c9dd92f4f134dd700e7d76f6a0c836a08687023d6d38f03ebd877',
  deposit: '0x4566dfc29f6f11d13a418c26a02bef7c28bae749d4de47e4e6a7cddea6730d59',
};
const YEAR = 365 * 86_400;
const MAXTIME = BigInt(4 * YEAR);
const USERS = Array.from({ length: 6 }, (_, at): Hex => `0x${(0xca5e + at).toString(16).padStart(40, '0')}`);

let chain: DevChain;
let curve: DevCurve;
/** What each one locked, as it was told to the contract. */
const locks = new Map<Hex, { amount: bigint; end: bigint }>();
let random = 7;
const pick = (below: number): number => {
  random = (random * 48_271) % 2_147_483_647;
  return random % below;
};

beforeAll(async () => {
  chain = await startChain({ chainId: 31_338, startSeconds: 1_790_000_000 });
  curve = await deployCurve(chain, { voteDelaySeconds: 0 });
}, 120_000);

afterAll(() => chain.close());

const client = () => createPublicClient({ transport: http(chain.rpcUrl) });
const escrow = () => ({ address: curve.escrow, abi: ESCROW }) as const;
const controller = () => ({ address: curve.controller, abi: CONTROLLER }) as const;
const powerOf = (who: Hex) => client().readContract({ ...escrow(), functionName: 'balanceOf', args: [who] });
const total = () => client().readContract({ ...escrow(), functionName: 'totalSupply' });
const weekOf = (seconds: number): number => seconds - (seconds % WEEK_SECONDS);

async function lock(who: Hex, amount: bigint, seconds: number): Promise<void> {
  const end = weekOf(chain.nowSeconds() + seconds);
  await curve.lock(who, amount, seconds);
  locks.set(who, { amount, end: BigInt(end) });
}
/** A lock's power, straight from the definition: it falls in a line to zero at the end. */
function expectedPower(who: Hex): bigint {
  const { amount, end } = locks.get(who) ?? { amount: 0n, end: 0n };
  const left = end - BigInt(chain.nowSeconds());
  return left > 0n ? (amount / MAXTIME) * left : 0n;
}
async function relativeWeights(): Promise<bigint[]> {
  const time = BigInt(chain.nowSeconds());
  return await Promise.all(
    curve.gauges.map((gauge) =>
      client().readContract({ ...controller(), functionName: 'gauge_relative_weight', args: [gauge, time] }),
    ),
  );
}
/** Each gauge's share at the beginning of this week, summed over voters. */
async function expectedWeights(): Promise<bigint[]> {
  const week = BigInt(weekOf(chain.nowSeconds()));
  const sums = await Promise.all(
    curve.gauges.map(async (gauge) => {
      let sum = 0n;
      for (const user of USERS) {
        const args = [user, gauge] as const;
        const [slope, , end] = await client().readContract({ ...controller(), functionName: 'vote_user_slopes', args });
        if (end > week) sum += slope * (end - week);
      }
      return sum;
    }),
  );
  const all = sums.reduce((sum, one) => sum + one, 0n);
  return sums.map((sum) => (all === 0n ? 0n : (10n ** 18n * 10n ** 18n * sum) / (all * 10n ** 18n)));
}

describe('locks', () => {
  it('lose their power in a line until their end, and are summed exactly', async () => {
    for (const [at, user] of USERS.entries())
      await lock(user, BigInt(1 + pick(900)) * 10n ** 18n, YEAR * (1 + (at % 4)));
    for (let turn = 0; turn < 20; turn += 1) {
      await chain.mine(1 + pick(WEEK_SECONDS * 20));
      let sum = 0n;
      for (const user of USERS) {
        expect(await powerOf(user)).toBe(expectedPower(user));
        sum += expectedPower(user);
      }
      expect(await total()).toBe(sum);
    }
    const [first] = USERS as [Hex];
    expect(await powerOf(first)).toBe(0n);
    expect(await total()).toBeGreaterThan(0n);
    const block = await client().getBlockNumber({ cacheTime: 0 });
    const alive = USERS[3] as Hex;
    const at = await client().readContract({ ...escrow(), functionName: 'balanceOfAt', args: [alive, block] });
    expect(at).toBe(await powerOf(alive));
    expect(await client().readContract({ ...escrow(), functionName: 'totalSupplyAt', args: [block] })).toBe(
      await total(),
    );
  });

  it('grow, are prolonged and taken back', async () => {
    const [first, , , alive] = USERS as [Hex, Hex, Hex, Hex];
    await expect(curve.increaseAmount(first, 1n)).rejects.toThrow('No lock');
    await expect(curve.withdraw(alive)).rejects.toThrow("didn't expire");
    const supply = () => client().readContract({ ...escrow(), functionName: 'supply' });
    const before = await supply();
    await curve.withdraw(first);
    expect(await supply()).toBe(before - (locks.get(first)?.amount ?? 0n));
    const held = locks.get(alive) as { amount: bigint; end: bigint };
    await curve.increaseAmount(alive, 5n * 10n ** 18n);
    await curve.depositFor(alive, 10n ** 18n);
    const end = weekOf(chain.nowSeconds() + 3 * YEAR);
    await curve.increaseTime(alive, 3 * YEAR);
    locks.set(alive, { amount: held.amount + 6n * 10n ** 18n, end: BigInt(end) });
    locks.delete(first);
    expect(await powerOf(alive)).toBe(expectedPower(alive));
    const read = await client().readContract({ ...escrow(), functionName: 'locked', args: [alive] });
    expect(read).toEqual([held.amount + 6n * 10n ** 18n, BigInt(end)]);
    expect(await total()).toBe((await Promise.all(USERS.map(powerOf))).reduce((sum, one) => sum + one, 0n));
  });
});

describe('gauge votes', () => {
  it('weigh what the slopes of their voters weigh, every week of a random run', async () => {
    for (const user of USERS) {
      const lived = locks.get(user);
      if (lived !== undefined && lived.end <= BigInt(chain.nowSeconds())) await curve.withdraw(user);
      if (lived === undefined || lived.end <= BigInt(chain.nowSeconds())) {
        await lock(user, BigInt(1 + pick(900)) * 10n ** 18n, WEEK_SECONDS * (3 + pick(12)));
      }
    }
    let compared = 0;
    for (let week = 0; week < 16; week += 1) {
      for (let turn = 0; turn < 4; turn += 1) {
        const [user, gauge] = [USERS[pick(6)] as Hex, curve.gauges[pick(3)] as Hex];
        // Some have no power left to give, or a lock that ends too soon: the contract refuses.
        await curve.vote(user, gauge, [0, 2_500, 5_000, 10_000][pick(4)] as number).catch(() => undefined);
        await chain.mine(60 + pick(9_000));
      }
      await curve.nextWeek();
      if (week % 4 === 3) {
        // A vote fills in the week after it, and nobody filled in the one after that.
        await curve.nextWeek();
        expect(await relativeWeights()).toEqual([0n, 0n, 0n]);
      }
      await curve.checkpoint();
      const weights = await relativeWeights();
      expect(weights).toEqual(await expectedWeights());
      if (weights.some((weight) => weight > 0n)) compared += 1;
    }
    expect(compared).toBeGreaterThan(8);
  });

  it('wait ten days for the next one, where that is asked for', async () => {
    const user = USERS[3] as Hex;
    const gauge = curve.gauges[1] as Hex;
    for (const each of curve.gauges) await curve.vote(user, each, 0);
    await curve.setVoteDelay(864_000);
    await expect(curve.vote(user, gauge, 1)).rejects.toThrow('Cannot vote so often');
    await chain.mine(864_000);
    await curve.vote(user, gauge, 1);
    await chain.mine(864_000);
    await expect(curve.vote(user, gauge, 10_001)).rejects.toThrow('all your voting power');
    await expect(curve.vote(user, USERS[0] as Hex, 1)).rejects.toThrow('Gauge not added');
  });

  it('leave logs with the topics of the reference, and a row that the configuration takes', async () => {
    const topics = (await chain.client.getLogs({ fromBlock: 0n })).map((log) => (log.topics as Hex[])[0]);
    for (const topic of Object.values(TOPICS)) expect(topics).toContain(topic);
    expect(await client().readContract({ ...controller(), functionName: 'n_gauges' })).toBe(3n);
    expect(await client().readContract({ ...controller(), functionName: 'gauges', args: [2n] })).toBe(
      getAddress(curve.gauges[2] as Hex),
    );
    const [row] = governanceRows.parse(JSON.stringify([curveRow(curve)]));
    const [at, by] = [curve.escrow.toLowerCase(), curve.controller.toLowerCase()];
    expect(row).toMatchObject({ kind: 'curve', escrow: at, controller: by, intervalMs: 1_000 });
  });
});
