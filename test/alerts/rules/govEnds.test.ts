import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concerns } from '../../../src/alerts/concerns.ts';
import { REMINDER_STEPS } from '../../../src/alerts/reminderSteps.ts';
import { govEnds } from '../../../src/alerts/rules/govEnds.ts';
import type { StoredProposal } from '../../../src/store/governanceRepository.ts';
import { HOSTILE } from '../facts.ts';
import {
  atMs,
  briefly,
  clockAt,
  DAY,
  EPOCH,
  GAUGES,
  type GovMoment,
  gaugesAt,
  HOUR,
  playGov,
  proposal,
  SOURCES,
  SPACE,
} from '../govFacts.ts';
import { subscription } from '../told.ts';

const rules = REMINDER_STEPS.map((step) => govEnds(step, SOURCES));
const END = 3 * DAY - HOUR;
const left = (seconds: number): number => END - seconds;
const at = (moment: number, more: Partial<StoredProposal> = {}, rest: Partial<GovMoment> = {}): GovMoment => ({
  at: moment,
  proposals: [proposal(more)],
  ...rest,
});
const times = (told: ReturnType<typeof playGov>): string[] => told.told.map(({ at: when, rule }) => `${when} ${rule}`);

describe('reminders of a proposal', () => {
  test('each step is told once, by the clock of the chain, with the end and what is missing', () => {
    const minutes = Array.from({ length: (3 * DAY) / 60 }, (_, index) => at(index * 60));
    const played = playGov(rules, minutes);
    expect(briefly(played)).toEqual([
      `${left(DAY)} gov.ends-24h fired Voting ends in 24 h: #12 Raise the block gas limit`,
      `${left(6 * HOUR)} gov.ends-6h fired Voting ends in 6 h: #12 Raise the block gas limit`,
      `${left(HOUR)} gov.ends-1h fired Voting ends in 1 h: #12 Raise the block gas limit`,
    ]);
    expect(played.told[0]?.text).toContain(
      'Turnout 0 % of bonded power, quorum of 40 % not reached (40 power missing).',
    );
    expect(played.open).toEqual([]);
  });

  test('who wakes late is told the nearest step alone, with what is really left', () => {
    expect(briefly(playGov(rules, [at(0), at(left(2 * HOUR + 600)), at(left(2 * HOUR))]))).toEqual([
      `${left(2 * HOUR + 600)} gov.ends-6h fired Voting ends in 2 h 10 min: #12 Raise the block gas limit`,
    ]);
  });

  test('a vote that never lasted longer than a step has no reminder of it', () => {
    const short = { startAtSeconds: clockAt(0), endAtSeconds: clockAt(5 * HOUR) };
    const moments = Array.from({ length: 320 }, (_, index) => at(index * 60, short));
    expect(times(playGov(rules, moments))).toEqual([`${4 * HOUR} gov.ends-1h`]);
  });

  test('one that is known to a day of its network’s first reading is history where it was due before', () => {
    const first = { atFirst: true, endAtSeconds: clockAt(5 * HOUR) };
    expect(times(playGov(rules, [at(0, first), at(3 * HOUR, first), at(4 * HOUR, first)]))).toEqual([
      `${4 * HOUR} gov.ends-1h`,
    ]);
  });

  test.each([
    ['pending', []],
    ['deposit', []],
    ['passed', []],
    ['canceled', []],
    ['unknown', []],
    ['voting', ['gov.ends-6h']],
  ] as const)('of one that is %s', (status, expected) => {
    const played = playGov(rules, [at(left(5 * HOUR), { status })]);
    expect(played.told.map(({ rule }) => rule)).toEqual(expected);
  });

  test('nothing is told from a source that is not fresh; when it is again, what is still due', () => {
    const dark = { states: { 'opengradient.governance': 'failing' } } as const;
    const moments = [at(left(23 * HOUR), {}, dark), at(left(7 * HOUR), {}, dark), at(left(5 * HOUR))];
    expect(times(playGov(rules, moments))).toEqual([`${left(5 * HOUR)} gov.ends-6h`]);
  });

  test('an end that is moved by little reminds nobody again; one that is moved far does', () => {
    const told = at(left(23 * HOUR));
    const moved = (by: number, when: number): Partial<StoredProposal> => ({
      ...{ endAtSeconds: clockAt(END + by), previousEndAtSeconds: clockAt(END), endChangedAtMs: atMs(when) },
    });
    const changedAt = left(22 * HOUR);
    const after = (by: number): GovMoment[] =>
      Array.from({ length: 60 }, (_, index) => at(changedAt + index * HOUR, moved(by, changedAt)));
    const of = (by: number): string[] =>
      playGov(rules, [told, ...after(by)]).told.map(({ rule, at: when }) => `${rule} ${END + by - when}`);
    expect(of(3 * HOUR)).toEqual([`gov.ends-24h ${26 * HOUR}`, `gov.ends-6h ${6 * HOUR}`, `gov.ends-1h ${HOUR}`]);
    expect(of(30 * HOUR)).toEqual([
      ...[`gov.ends-24h ${53 * HOUR}`, `gov.ends-24h ${24 * HOUR}`],
      ...[`gov.ends-6h ${6 * HOUR}`, `gov.ends-1h ${HOUR}`],
    ]);
    // After the six hours were told: ten minutes more bring neither of the larger steps back.
    const late = left(6 * HOUR - 300);
    const again = [at(left(6 * HOUR)), at(late, moved(600, late)), at(late + 600, moved(600, late))];
    expect(times(playGov(rules, [told, ...again]))).toEqual([
      `${left(23 * HOUR)} gov.ends-24h`,
      `${left(6 * HOUR)} gov.ends-6h`,
    ]);
  });

  test('one empty answer, a status that flickers and a clock that goes back repeat nothing', () => {
    const due = left(5 * HOUR);
    const played = playGov(rules, [
      at(due),
      { at: due + 10 },
      { at: due + 20, read: false },
      at(due + 30, { status: 'unknown' }),
      at(due + 40, { status: 'passed' }),
      at(due + 50, {}, { lag: 90 }),
      at(due + 60),
      at(left(HOUR) + 1),
      at(left(HOUR) + 2, {}, { lag: 60 }),
      at(left(HOUR) + 3),
      at(END + 1),
      at(END + 2, {}, { lag: 100 }),
    ]);
    expect(played.told.map(({ rule }) => rule)).toEqual(['gov.ends-6h', 'gov.ends-1h']);
  });

  test('a proposal that left the facts ends without a word', () => {
    const played = playGov(rules, [at(left(HOUR)), { at: END + 2 * DAY }]);
    expect(played.told).toHaveLength(1);
    expect(played.open).toEqual([]);
  });

  test('two proposals with one number, of two sources, are two', () => {
    const two = [proposal(), proposal({ id: 2, source: SPACE })];
    const played = playGov(rules, [{ at: left(HOUR), proposals: two }]);
    expect(played.told.map(({ subject }) => subject)).toEqual([
      expect.stringContaining('proposal:opengradient.governance:12'),
      expect.stringContaining('proposal:bedrock.snapshot:12'),
    ]);
    const [, bedrock] = played.open;
    const hears = (subject: string) =>
      bedrock !== undefined && concerns(subscription({ family: 'gov', scope: 'network', subject }), bedrock);
    expect([hears('bedrock'), hears('opengradient')]).toEqual([true, false]);
  });

  test('a chain that was reset counts anew: another proposal of that number is called to mind too', () => {
    const other = { at: left(HOUR) + 60, proposals: [proposal({ firstSeenAtMs: atMs(left(HOUR) + 30) })] };
    expect(playGov(rules, [at(left(HOUR)), other, { ...other, at: other.at + 60 }]).told).toHaveLength(2);
  });

  test('a chat that does not want a step does not hear of it', () => {
    const [open] = playGov(rules, [at(left(23 * HOUR))]).open;
    const hears = (without: string[]) => open !== undefined && concerns(subscription({ family: 'gov', without }), open);
    expect([hears([]), hears(['gov.ends-6h']), hears(['gov.ends-24h'])]).toEqual([true, true, false]);
  });

  test('of a network that is not configured nothing is said', () => {
    expect(playGov(rules, [at(left(HOUR), { source: 'other.snapshot' })]).told).toEqual([]);
  });

  test('a hostile title and reference stay short, on one line and without a button', () => {
    const [told] = playGov(rules, [at(left(HOUR), { title: HOSTILE, ref: HOSTILE })]).told;
    expect(told?.title.length).toBeLessThan(200);
    expect(`${told?.title} ${told?.text}`).not.toMatch(/[\u202e\n\0]/);
  });
});

describe('reminders of a vote on gauges', () => {
  const gauges = (when: number, more: Parameters<typeof gaugesAt>[1] = {}): GovMoment => ({
    at: when,
    gauges: [gaugesAt(when, more)],
  });
  const end = EPOCH.to;

  test('each step is told once, without any proposal source', () => {
    const moments = Array.from({ length: 190 }, (_, index) => ({ ...gauges(index * HOUR), read: false }));
    expect(briefly(playGov(rules, moments))).toEqual([
      `${end - 23 * HOUR - HOUR} gov.ends-24h fired Voting ends in 24 h: gauges of Bedrock, epoch 7`,
      `${end - 6 * HOUR} gov.ends-6h fired Voting ends in 6 h: gauges of Bedrock, epoch 7`,
      `${end - HOUR} gov.ends-1h fired Voting ends in 1 h: gauges of Bedrock, epoch 7`,
    ]);
  });

  test('an answer without a clock, or from a chain that stands, repeats nothing', () => {
    const due = end - 5 * HOUR;
    const moments = [
      gauges(due),
      gauges(due + 10, { hasClock: false }),
      { at: due + 20 },
      { ...gauges(due + 30), states: { [GAUGES]: 'stale' } } as const,
      gauges(due + 40),
    ];
    expect(times(playGov(rules, moments))).toEqual([`${due} gov.ends-6h`]);
  });

  test('what was due before the bot first looked is history', () => {
    const first = { eligible: [{ epoch: 7, to: end - 5 * HOUR }] };
    expect(playGov(rules, [gauges(end - 5 * HOUR + 30, first)]).told).toEqual([]);
    expect(playGov(rules, [gauges(end - 5 * HOUR, { eligible: [] })]).told).toEqual([]);
  });
});

test('over two days, whatever the looks, restarts, outages and changes of the end, no reminder of an end is told twice', () => {
  const looks = fc.array(
    fc.record({
      after: fc.integer({ min: 5, max: 5_400 }),
      state: fc.constantFrom('fresh' as const, 'fresh' as const, 'fresh' as const, 'failing' as const),
      isThere: fc.constantFrom(true, true, true, false),
      lag: fc.integer({ min: 0, max: 110 }),
    }),
    { minLength: 30, maxLength: 120 },
  );
  // When the end is moved, and by how much.
  const moves = fc.array(fc.record({ when: fc.nat(2 * DAY), by: fc.integer({ min: -4 * HOUR, max: 40 * HOUR }) }), {
    maxLength: 3,
  });
  let fires = 0;
  fc.assert(
    fc.property(looks, moves, fc.integer({ min: 2 * HOUR, max: 2 * DAY }), (many, changes, lasts) => {
      let when = 0;
      let end = lasts;
      let previous: Pick<StoredProposal, 'previousEndAtSeconds' | 'endChangedAtMs'> = {
        ...{ previousEndAtSeconds: null, endChangedAtMs: null },
      };
      const pending = [...changes].sort((a, b) => a.when - b.when);
      const moments: GovMoment[] = [];
      const ends = new Map<number, number>();
      for (const { after, state, isThere, lag } of many) {
        when += after;
        while (pending[0] !== undefined && pending[0].when <= when) {
          const { by } = pending.shift() as (typeof pending)[number];
          if (by === 0 || end <= when) continue;
          previous = { previousEndAtSeconds: clockAt(end), endChangedAtMs: atMs(when) };
          end += by;
        }
        const isOver = when >= end;
        const read = proposal({
          ...{ startAtSeconds: clockAt(-3 * DAY), endAtSeconds: clockAt(end), ...previous },
          ...(isOver ? { status: 'rejected', closedAtMs: atMs(end) } : {}),
        });
        ends.set(when, end);
        moments.push({ at: when, proposals: isThere ? [read] : [], lag, states: { 'opengradient.governance': state } });
      }
      const { told } = playGov(rules, moments);
      fires += told.length;
      const said = told.map(({ at: moment, rule }) => ({ rule, moment, end: ends.get(moment) ?? 0 }));
      for (const [index, { rule, moment, end: of }] of said.entries()) {
        // Never after the end, never before the step.
        const step = REMINDER_STEPS.find(({ name }) => rule.endsWith(name))?.seconds ?? 0;
        expect(of - moment, rule).toBeGreaterThan(-110);
        expect(of - moment, rule).toBeLessThanOrEqual(step);
        // One reminder a look, and none of the same step and end again.
        expect(said.filter((other) => other.moment === moment)).toHaveLength(1);
        const earlier = said.slice(0, index).filter((other) => other.rule === rule);
        for (const other of earlier) expect(of - other.end, `${rule} again`).toBeGreaterThan(0);
      }
    }),
    { numRuns: 300 },
  );
  expect(fires).toBeGreaterThan(200);
});
