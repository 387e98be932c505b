import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GaugeReplay, type GaugeState } from '../../src/insight/gaugeReplay.ts';
import type { Hex } from '../../src/lib/facts.ts';
import type { GaugeEvent } from '../../src/lib/gaugeFacts.ts';
import {
  A,
  address,
  B,
  CLOCK,
  ESCROW,
  GAUGE,
  GAUGE_2,
  LOCKS,
  log,
  minted,
  OTHER_VOTER,
  QUEUE,
  VOTER,
  ZERO,
} from './gaugeEvents.ts';

const replayOf = (events: readonly GaugeEvent[], currentVoter: Hex | null = null): GaugeReplay => {
  const replay = new GaugeReplay(currentVoter);
  replay.apply(events);
  return replay;
};

const vote = (tokenId: bigint | null, valueWei: bigint, changes: Partial<GaugeEvent> = {}): GaugeEvent =>
  log({ kind: 'voted', from: A, gauge: GAUGE, epoch: 7, tokenId, valueWei, ...changes });

const reset = (tokenId: bigint | null, valueWei: bigint, changes: Partial<GaugeEvent> = {}): GaugeEvent =>
  log({ kind: 'reset', from: A, gauge: GAUGE, epoch: 7, tokenId, valueWei, ...changes });

const standing = ({ standing }: GaugeState): Record<string, Record<string, bigint>> =>
  Object.fromEntries(
    [...standing].map(([key, votes]) => [
      key,
      Object.fromEntries([...votes].map(([gauge, { powerWei }]) => [gauge, powerWei])),
    ]),
  );

test('without any log there is nothing', () => {
  const { state } = new GaugeReplay();
  expect(state).toMatchObject({ totalWei: 0n, lastAtSeconds: 0, recent: [], seasons: [] });
  expect([state.owners.size, state.standing.size, state.epochs.size, state.gauges.size]).toEqual([0, 0, 0, 0]);
});

test('a vote belongs to the owner of the lock at that time, not to whoever sent it', () => {
  const operator = address(0x0b);
  const { state } = replayOf([
    minted(1n, A),
    vote(1n, 5n, { from: operator, gauge: GAUGE }),
    log({ kind: 'transfer', emitter: LOCKS, tokenId: 1n, from: A, to: B }),
    vote(1n, 4n, { from: operator, gauge: GAUGE_2 }),
  ]);
  expect(state.epochs.get(7)?.voters).toEqual(
    new Map([
      [A, 5n],
      [B, 4n],
    ]),
  );
  expect(state.recent.map(({ owner }) => owner)).toEqual([B, A]);
  expect(state.owners.get('1')).toBe(B);
});

test('who votes again in an epoch counts once, with what stands; a new owner replaces the old one', () => {
  const { state } = replayOf([
    minted(1n, A),
    vote(1n, 5n),
    log({ kind: 'transfer', emitter: LOCKS, tokenId: 1n, from: A, to: B }),
    reset(1n, 5n, { from: B }),
    vote(1n, 9n, { from: B }),
  ]);
  expect(state.epochs.get(7)).toMatchObject({ voters: new Map([[B, 9n]]), castWei: 9n });
  expect(state.totalWei).toBe(9n);
});

test('a reset in a later epoch ends what stands, and leaves the epoch in which it was cast', () => {
  const other = vote(2n, 2n, { epoch: 8 });
  const { state } = replayOf([minted(1n, A), minted(2n, A), vote(1n, 5n), other, reset(1n, 5n, { epoch: 8 })]);
  expect(standing(state)).toEqual({ 2: { [GAUGE]: 2n } });
  expect(state.gaugeTotals).toEqual(new Map([[GAUGE, 2n]]));
  expect(state.epochs.get(7)).toMatchObject({ castWei: 5n, voters: new Map([[A, 5n]]) });
  expect(state.epochs.get(8)).toMatchObject({ castWei: 2n, voters: new Map([[A, 2n]]) });
});

test('a season that begins ends the votes before it, even without any log after it', () => {
  const first = vote(1n, 5n, { blockTimestampSeconds: 100 });
  const announced = log({
    kind: 'season-started',
    emitter: CLOCK,
    season: 1,
    atSeconds: 200,
    blockTimestampSeconds: 150,
  });
  const late = vote(2n, 3n, { blockTimestampSeconds: 199, epoch: 8 });
  const replay = replayOf([first, announced, late]);
  expect(replay.stateAt(199).totalWei).toBe(8n);
  expect(replay.state.epochs.get(7)?.season).toBe(0);
  expect(replay.stateAt(200)).toMatchObject({ totalWei: 0n });
  expect(replay.stateAt(200).standing.size).toBe(0);
  replay.apply([vote(1n, 6n, { blockTimestampSeconds: 210, epoch: 9 })]);
  expect(standing(replay.state)).toEqual({ 1: { [GAUGE]: 6n } });
  expect(replay.state.epochs.get(9)?.season).toBe(1);
  // One that was read late, of the ended season: it took part then, and does not stand.
  replay.apply([vote(3n, 1n, { blockTimestampSeconds: 190, epoch: 8 })]);
  expect(replay.state.totalWei).toBe(6n);
  expect(replay.state.epochs.get(8)?.castWei).toBe(4n);
});

test('a lock that is on its way out belongs to the escrow and is said to be of its holder, until it is burnt or back', () => {
  const deposit = log({ kind: 'deposit', emitter: ESCROW, tokenId: 1n, from: A, valueWei: 1n, atSeconds: 9 });
  const replay = replayOf([
    minted(1n, A),
    minted(2n, B),
    deposit,
    log({ kind: 'exit-queued', emitter: QUEUE, tokenId: 1n, from: A, atSeconds: 500 }),
    log({ kind: 'transfer', emitter: LOCKS, tokenId: 1n, from: A, to: ESCROW }),
    log({ kind: 'transfer', emitter: LOCKS, tokenId: 2n, from: B, to: ESCROW }),
  ]);
  expect(replay.state.owners.get('1')).toBe(ESCROW);
  expect(replay.state.exiting).toEqual(
    new Map([
      ['1', { holder: A, exitAtSeconds: 500 }],
      ['2', { holder: B, exitAtSeconds: null }],
    ]),
  );
  replay.apply([
    log({ kind: 'transfer', emitter: LOCKS, tokenId: 1n, from: ESCROW, to: ZERO }),
    log({ kind: 'withdraw', emitter: ESCROW, tokenId: 1n, from: A, valueWei: 1n }),
    log({ kind: 'transfer', emitter: LOCKS, tokenId: 2n, from: ESCROW, to: B }),
  ]);
  expect(replay.state.owners).toEqual(new Map([['2', B]]));
  expect(replay.state.exiting.size).toBe(0);
});

test('votes on a replaced voter contract stand no more, and took part in their epoch', () => {
  const events = [
    minted(1n, A),
    minted(2n, B),
    vote(1n, 5n),
    vote(2n, 4n),
    vote(1n, 6n, { emitter: OTHER_VOTER }),
    log({ kind: 'gauge-created', emitter: VOTER, gauge: GAUGE, text: 'old' }),
    log({ kind: 'gauge-created', emitter: OTHER_VOTER, gauge: GAUGE_2, text: 'new' }),
    log({ kind: 'gauge-deactivated', emitter: OTHER_VOTER, gauge: GAUGE_2 }),
  ];
  const { state } = replayOf(events, OTHER_VOTER);
  expect(standing(state)).toEqual({ 1: { [GAUGE]: 6n } });
  expect([...state.gauges.keys()]).toEqual([GAUGE_2]);
  expect(state.gauges.get(GAUGE_2)).toMatchObject({ active: false, text: 'new' });
  // Lock 1 voted on both in one epoch: the later one counts.
  expect(state.epochs.get(7)?.voters).toEqual(
    new Map([
      [A, 6n],
      [B, 4n],
    ]),
  );
  expect(replayOf(events, VOTER).state.totalWei).toBe(9n);
  expect(replayOf(events).state.totalWei, 'the one that was voted on last').toBe(6n);
  expect(replayOf(events, address(0x99)).state.totalWei, 'one without any log').toBe(0n);
});

test("Curve's votes keep the share of one's power: its amount is not in the logs", () => {
  const weigh = (weightBps: number, changes: Partial<GaugeEvent> = {}) =>
    log({ kind: 'weighted', from: A, gauge: GAUGE, weightBps, ...changes });
  const replay = replayOf([weigh(4_000), weigh(6_000, { gauge: GAUGE_2 }), weigh(2_500)]);
  expect(replay.state.standing.get(A)?.get(GAUGE)).toMatchObject({ weightBps: 2_500, powerWei: 0n });
  replay.apply([weigh(0)]);
  expect([...(replay.state.standing.get(A)?.keys() ?? [])]).toEqual([GAUGE_2]);
  expect(replay.state.gaugeTotals.size).toBe(0);
});

test('the newest thousand votes, the newest first', () => {
  const replay = new GaugeReplay();
  const logs = Array.from({ length: 3_500 }, (_, index) => vote(BigInt(index), BigInt(index + 1)));
  replay.apply(logs);
  const { recent } = replay.state;
  expect(recent.length).toBe(1_000);
  expect(recent[0]).toMatchObject({ powerWei: 3_500n, key: `${logs.at(-1)?.blockNumber}:0` });
  expect(recent.at(-1)?.powerWei).toBe(2_501n);
});

/** What Aragon's voters do, told plainly: sums by season (votes by lock), by epoch or for good (votes by address). */
class Contract {
  readonly logs: GaugeEvent[] = [];
  readonly #votes = new Map<string, Map<string, bigint>>();
  readonly #seasonStarts: number[] = [];
  readonly #scope: 'season' | 'epoch' | 'ever';
  seconds = 1_000_000;

  constructor(scope: 'season' | 'epoch' | 'ever') {
    this.#scope = scope;
  }

  get epoch(): number {
    return Math.floor(this.seconds / 1_000);
  }

  scope(): string {
    const seasons = this.#seasonStarts.filter((start) => this.seconds >= start).length;
    return this.#scope === 'season' ? `${seasons}` : this.#scope === 'epoch' ? `${this.epoch}` : '';
  }

  /** `scope|voter|gauge` -> power. */
  standing(): Map<string, bigint> {
    return this.#votes.get(this.scope()) ?? new Map();
  }

  gaugeVotes(gauge: Hex): bigint {
    return [...this.standing()].reduce((sum, [id, power]) => (id.endsWith(gauge) ? sum + power : sum), 0n);
  }

  total(): bigint {
    return [...this.standing().values()].reduce((sum, power) => sum + power, 0n);
  }

  #emit(kind: 'voted' | 'reset', voter: number, gauge: Hex, valueWei: bigint): void {
    this.logs.push(
      log({
        kind,
        gauge,
        valueWei,
        epoch: this.epoch,
        from: address(voter),
        tokenId: this.#scope === 'season' ? BigInt(voter) : null,
        blockTimestampSeconds: this.seconds,
        gaugeTotalWei: this.gaugeVotes(gauge),
        totalWei: this.total(),
      }),
    );
  }

  reset(voter: number): void {
    for (const [id, power] of [...this.standing()]) {
      const [whose, gauge] = id.split('|') as [string, Hex];
      if (whose !== address(voter)) continue;
      this.standing().delete(id);
      this.#emit('reset', voter, gauge, power);
    }
  }

  vote(voter: number, powers: readonly [number, number][]): void {
    this.reset(voter);
    const votes = this.standing();
    this.#votes.set(this.scope(), votes);
    for (const [gauge, power] of powers) {
      votes.set(`${address(voter)}|${address(gauge)}`, BigInt(power));
      this.#emit('voted', voter, address(gauge), BigInt(power));
    }
  }

  newSeason(inSeconds: number): void {
    const start = this.seconds + inSeconds;
    if (start <= (this.#seasonStarts.at(-1) ?? 0)) return;
    this.#seasonStarts.push(start);
    const season = this.#seasonStarts.length;
    this.logs.push(
      log({
        kind: 'season-started',
        emitter: CLOCK,
        season,
        atSeconds: start,
        blockTimestampSeconds: this.seconds,
      }),
    );
  }
}

const GAUGES = [0x61, 0x62, 0x63];

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('vote' as const),
      voter: fc.integer({ min: 1, max: 5 }),
      powers: fc.uniqueArray(fc.tuple(fc.constantFrom(...GAUGES), fc.integer({ min: 1, max: 1_000 })), {
        minLength: 1,
        maxLength: 3,
        selector: ([gauge]) => gauge,
      }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('reset' as const), voter: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 900 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('season' as const), seconds: fc.integer({ min: 1, max: 900 }) }),
  },
);

test.each(['season', 'epoch', 'ever'] as const)(
  'what stands by the logs is what the contract says after every step, where votes last for: %s',
  (scope) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const contract = new Contract(scope);
        const replay = new GaugeReplay();
        let done = 0;
        for (const now of steps) {
          if (now.do === 'vote') contract.vote(now.voter, now.powers);
          if (now.do === 'reset') contract.reset(now.voter);
          if (now.do === 'wait') contract.seconds += now.seconds;
          if (now.do === 'season' && scope === 'season') contract.newSeason(now.seconds);
          replay.apply(contract.logs.slice(done));
          done = contract.logs.length;
          // Before a second epoch was voted in, no log tells that votes last for one epoch only.
          if (scope === 'epoch' && now.do !== 'vote') continue;
          const state = replay.stateAt(contract.seconds, contract.epoch);
          expect(state.totalWei).toBe(contract.total());
          for (const gauge of GAUGES.map(address))
            expect(state.gaugeTotals.get(gauge) ?? 0n).toBe(contract.gaugeVotes(gauge));
          const votes = [...state.standing].flatMap(([key, own]) =>
            [...own].map(([gauge, { powerWei }]) => [
              `${scope === 'season' ? address(Number(key)) : key}|${gauge}`,
              powerWei,
            ]),
          );
          expect(new Map(votes as [string, bigint][])).toEqual(contract.standing());
        }
      }),
      { numRuns: 300 },
    );
  },
);

test('votes that last for one epoch end with it, once a second epoch has shown it', () => {
  const by = (epoch: number, valueWei: bigint, totalWei: bigint, from: Hex) =>
    vote(null, valueWei, { epoch, totalWei, from });
  const replay = replayOf([by(1, 5n, 5n, A), by(1, 3n, 8n, B), by(2, 4n, 4n, A)]);
  expect(replay.state.totalWei).toBe(4n);
  expect(replay.stateAt(9_999_999_999, 3).totalWei).toBe(0n);
});
