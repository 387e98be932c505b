import { describe, expect, test } from 'vitest';
import { GaugeReplay } from '../../../src/insight/gaugeReplay.ts';
import { gaugeSet, gaugeVoterSet, powerSet } from '../../../src/insight/sets/gauges.ts';
import type { GaugeEvent, GaugeReading } from '../../../src/lib/gaugeFacts.ts';
import { ESCROW, gaugeReading, lock, log, minted, VOTER, voted, WEI } from '../../store/gaugeSample.ts';
import { hex } from '../../store/sample.ts';

const [A, B, C] = [hex(0xa1, 20), hex(0xb1, 20), hex(0xc1, 20)];
const [G, H] = [hex(0x61, 20), hex(0x62, 20)];
const INPUT = { network: 'bedrock', atSeconds: 1_000, words: 'vote escrow' };

const weights = (set: { members: { id: string; weight: bigint }[] } | null) =>
  set?.members.map(({ id, weight }) => [id, weight]);

describe('the set of power', () => {
  const power = (more: Partial<GaugeReading>) => {
    const made = gaugeReading(more);
    const locked = made.locks.reduce((sum, { amountWei }) => sum + amountWei, 0n);
    return powerSet({ ...made, totalLockedWei: more.totalLockedWei ?? locked }, INPUT);
  };

  test('adds up the locks of one owner, the heaviest first', () => {
    const set = power({ locks: [lock(1, A, 4n * WEI), lock(2, B, 5n * WEI), lock(3, A, 2n * WEI)] });
    expect(weights(set)).toEqual([
      [A, 6n * WEI],
      [B, 5n * WEI],
    ]);
    expect(set).toMatchObject({ set: 'bedrock.power', kind: 'power', unit: { symbol: 'BR' }, atSeconds: 1_000 });
    expect(set?.left).toEqual(['3 locks of 2 owners: each owner counts as one']);
  });

  test('leaves apart what is leaving, what has no power and what the escrow itself holds, and says so', () => {
    const set = power({
      locks: [
        lock(1, A, 4n * WEI),
        lock(2, B, 9n * WEI, { exiting: true }),
        lock(3, C, 0n),
        lock(4, ESCROW, 9n * WEI),
        lock(5, VOTER, 9n * WEI),
      ],
      missing: ['The rules of leaving are not answered.'],
    });
    expect(weights(set)).toEqual([[A, 4n * WEI]]);
    expect(set?.left).toEqual([
      '1 lock on the way out',
      '1 lock without power',
      '2 locks held by a contract of the escrow itself',
      'The rules of leaving are not answered',
    ]);
  });

  test('without a lock is empty only where nothing is missing and nothing is locked', () => {
    expect(power({ locks: [] })?.members).toEqual([]);
    expect(power({ locks: [], missing: ['The escrow does not say which locks there are.'] })).toBeNull();
    expect(power({ locks: [], totalLockedWei: 1n })).toBeNull();
  });

  test('is not made of a part: below nine tenths of what is locked; above it says so', () => {
    const locks = [lock(1, A, 4n * WEI, { amountWei: 90n })];
    expect(power({ locks, totalLockedWei: 101n })).toBeNull();
    expect(power({ locks, totalLockedWei: 100n })?.left).toEqual(['90 % of what is locked is known by lock']);
    expect(power({ locks, totalLockedWei: 90n })?.left).toEqual([]);
  });
});

describe('the set of gauge voters', () => {
  const voters = (events: GaugeEvent[], more: Partial<GaugeReading> = {}, isComplete = true) => {
    const replay = new GaugeReplay(VOTER);
    replay.apply(events);
    return gaugeVoterSet(gaugeReading({ totalCastWei: null, ...more }), { state: replay.state, isComplete }, INPUT);
  };
  const events = [
    log('deposit', 90, { emitter: ESCROW, from: A, tokenId: 1n, valueWei: WEI }),
    minted(100, 1n, A),
    minted(101, 2n, A),
    minted(102, 3n, B),
    voted(200, 1n, G, 2n * WEI),
    voted(201, 1n, H, 3n * WEI),
    voted(202, 2n, G, 4n * WEI),
    voted(203, 3n, G, 5n * WEI),
  ];

  test('adds up what stands of one owner, over locks and gauges', () => {
    const set = voters(events);
    expect(weights(set)).toEqual([
      [A, 9n * WEI],
      [B, 5n * WEI],
    ]);
    expect(set?.left).toEqual(['3 locks of 2 owners: each owner counts as one']);
  });

  test('is not known before all logs are read, and of a new season empty', () => {
    expect(voters(events, {}, false)).toBeNull();
    expect(voters([])?.members).toEqual([]);
  });

  test('says which votes are nobody’s, and how much of the power the contract counts is known', () => {
    const set = voters([...events, voted(204, 9n, G, 6n * WEI)], { totalCastWei: 20n * WEI });
    expect(weights(set)).toEqual([
      [A, 9n * WEI],
      [B, 5n * WEI],
    ]);
    expect(set?.left).toEqual([
      '1 vote whose owner or power is not known',
      '3 locks of 2 owners: each owner counts as one',
      '70 % of the power that the contract counts is known by voter',
    ]);
  });

  test('is what the contracts answer, where logs do not say it', () => {
    const standing = [
      { owner: A, gauge: G, powerWei: 2n },
      { owner: B, gauge: G, powerWei: 7n },
      { owner: A, gauge: H, powerWei: 3n },
      { owner: C, gauge: H, powerWei: 0n },
    ];
    expect(weights(voters(events, { standing }, false))).toEqual([
      [B, 7n],
      [A, 5n],
    ]);
  });
});

describe('the set of gauges', () => {
  const gauge = (address: typeof G, votesWei: bigint, more = {}) => ({
    ...{ address, active: true, createdAtSeconds: 1, text: null, votesWei },
    ...more,
  });

  test('is weighed by what the contract counts, named by safe text', () => {
    const gauges = [
      gauge(G, 3n, { text: 'un\u202Ei\nBTC' }),
      gauge(H, 5n),
      gauge(A, 0n),
      gauge(B, 1n, { active: false, text: 'x'.repeat(500) }),
    ];
    const set = gaugeSet(gaugeReading({ gauges, totalCastWei: 9n }), INPUT);
    expect(weights(set)).toEqual([
      [H, 5n],
      [G, 3n],
      [B, 1n],
    ]);
    expect(set?.members.map(({ label }) => label.length)).toEqual([42, 'uni BTC'.length, 60]);
    expect(set?.members[1]?.label).toBe('uni BTC');
    expect(set?.left).toEqual([
      '1 gauge that nobody votes for',
      '1 gauge among them not active: what stands there directs nothing',
    ]);
  });

  test('without votes is empty, and unknown where they could not be read', () => {
    expect(gaugeSet(gaugeReading({ gauges: [gauge(G, 0n)], totalCastWei: 0n }), INPUT)?.members).toEqual([]);
    expect(gaugeSet(gaugeReading({ gauges: [], totalCastWei: null, missing: ['No list.'] }), INPUT)).toBeNull();
    expect(gaugeSet(gaugeReading({ gauges: [gauge(G, 8n)], totalCastWei: 9n }), INPUT)).toBeNull();
  });
});
