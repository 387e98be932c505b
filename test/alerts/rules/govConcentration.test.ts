import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { GaugeBook } from '../../../src/alerts/gaugeBook.ts';
import { govConcentration } from '../../../src/alerts/rules/govConcentration.ts';
import { metricsOf } from '../../../src/insight/concentration.ts';
import { defaultGovThresholds } from '../../../src/insight/govThresholds.ts';
import type { SetDay } from '../../../src/store/setRepository.ts';
import { HOSTILE } from '../facts.ts';
import { atMs, DAY, EPOCH, type GovMoment, gaugesAt, HOUR, minted, NETWORKS, playGov, voted } from '../govFacts.ts';

const rules = [govConcentration(defaultGovThresholds, NETWORKS)];

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** A day of a set by the real metrics, read at noon of a day so many days before the story begins. */
function day(
  daysAgo: number,
  weights: number[],
  { set = 'bedrock.power', opening = weights, left = [] as string[] } = {},
): SetDay {
  const readAtMs = atMs(-daysAgo * DAY);
  return {
    ...{ set, day: dayOf(readAtMs), openAtMs: readAtMs - 6 * HOUR * 1000, readAtMs },
    ...{ opening: metricsOf(opening.map(BigInt)), latest: metricsOf(weights.map(BigInt)) },
    about: { unit: { symbol: 'veBR', decimals: 18 }, atSeconds: 0, left, words: 'vote escrow 0xe978…0c16 on chain 56' },
  };
}

const moment = (at: number, today: SetDay, before: SetDay | null = null, weekAgo: SetDay | null = null): GovMoment => ({
  at,
  shifts: [{ set: today.set, today, before, weekAgo }],
});

const EVEN = [10, 10, 10, 10, 10, 10];

test('a falling Nakamoto coefficient is told once a day, also when it flickers, with the definition and what was left out', () => {
  const [now, before] = [day(0, [20, 15, 10, 10, 10, 5], { left: ['3 exiting locks'] }), day(1, EVEN)];
  const played = playGov(rules, [
    moment(0, now, before),
    moment(60, day(0, EVEN), before),
    { at: 90 },
    moment(120, now, before),
    moment(DAY, day(0, EVEN), before),
    moment(DAY + 60, day(0, EVEN), before),
  ]);
  expect(played.told.map(({ subject }) => subject)).toEqual([
    `shift:bedrock.power:nakamoto-third:${now.day}`,
    `shift:bedrock.power:nakamoto-half:${now.day}`,
  ]);
  expect(played.told[0]?.title).toBe('Influence shifted to fewer: Locked voting power of Bedrock');
  expect(played.told[1]?.text).toContain('3 together have more than 1/2 (Nakamoto coefficient, strict); it took 4');
  expect(played.told[1]?.text).toContain('Left out: 3 exiting locks.');
  expect(played.told[1]?.text).toContain('each one owner of locks, by voting power');
  expect(played.open).toEqual([]);
});

test('one that passes a third or a half is told as that, not as a coefficient', () => {
  const kinds = (weights: number[], before: number[]) =>
    playGov(rules, [moment(0, day(0, weights), day(1, before))]).told.map(({ subject }) => subject.split(':')[2]);
  expect(kinds([11, 10, 10, 1], [10, 10, 10, 2])).toEqual(['top1-third']);
  // Both at once are told as the half, which says the more.
  expect(kinds([17, 8, 8], [10, 10, 10])).toEqual(['top1-half']);
  // Exactly a third or a half passes neither.
  expect(kinds([10, 10, 10], [8, 8, 8, 8])).toEqual(['nakamoto-half']);
  expect(kinds([10, 5, 5], [10, 5, 5])).toEqual([]);
});

test('HHI that rose by a fifth within a week is told with both values', () => {
  const weekAgo = day(7, EVEN);
  const { told } = playGov(rules, [moment(0, day(0, [20, 10, 10, 10, 10, 10]), null, weekAgo)]);
  expect(told).toEqual([]);
  const more = playGov(rules, [
    moment(0, day(0, [25, 10, 10, 10, 10, 10], { opening: [25, 10, 10, 10, 10, 10] }), null, weekAgo),
  ]);
  expect(more.told.map(({ text }) => text.slice(0, 60))).toEqual([
    'Concentration (HHI) rose by 20 % to 2000 of 10,000; it was 1',
  ]);
});

test('the first day is compared with its own beginning: nothing is told at first sight', () => {
  expect(playGov(rules, [moment(0, day(0, [90, 5, 5]))]).told).toEqual([]);
  const { told } = playGov(rules, [moment(0, day(0, [90, 5, 5], { opening: [40, 30, 30] }))]);
  expect(told.map(({ subject }) => subject.split(':')[2])).toEqual(['top1-half']);
});

test('when all votes began anew, the first who votes again is no shift; while old ones stand, or once the vote is over, they are', () => {
  const told = (at: number, gauges: GaugeBook, set = 'bedrock.gauge-voters') => {
    const shift = { ...moment(at, day(0, [90], { set }), day(1, EVEN, { set })), gauges: [gauges] };
    return playGov(rules, [shift]).told.map(({ subject }) => subject.split(':')[2]);
  };
  const events = [minted(1, 1), minted(2, 2), voted(1, 1, 7, 60)];
  expect(told(120, gaugesAt(120, { events }))).toEqual([]);
  expect(told(120, gaugesAt(120, { events }), 'bedrock.power'), 'of power that does not end').toEqual(['top1-half']);
  const older = [...events.slice(0, 2), voted(2, 2, 6, -9 * DAY), ...events.slice(2)];
  expect(told(120, gaugesAt(120, { events: older }))).toEqual(['top1-half']);
  const over = { ...EPOCH, to: 100 };
  expect(told(120, gaugesAt(120, { events, epoch: over }))).toEqual(['top1-half']);
});

test('an empty set, a day that is over, and a network that is not configured say nothing', () => {
  expect(playGov(rules, [moment(0, day(0, []), day(1, EVEN), day(7, EVEN))]).told).toEqual([]);
  expect(playGov(rules, [moment(0, day(1, [90, 5]), day(2, EVEN))]).told).toEqual([]);
  expect(
    playGov(rules, [moment(0, day(0, [90, 5], { set: 'other.power' }), day(1, EVEN, { set: 'other.power' }))]).told,
  ).toEqual([]);
});

test('words of a source are only text', () => {
  const now = { ...day(0, [90, 5, 5], { left: [HOSTILE, HOSTILE] }) };
  const { told } = playGov(rules, [moment(0, now, day(1, EVEN))]);
  expect(told.length).toBeGreaterThan(0);
  for (const { text } of told) {
    expect(text.length).toBeLessThan(900);
    expect(text).not.toMatch(/[\u202e\0]/);
  }
});

test('whatever sets are read, each kind of shift is told at most once a set and day, and only when it rose', () => {
  const weights = fc.array(fc.integer({ min: 1, max: 1_000 }), { maxLength: 12 });
  fc.assert(
    fc.property(fc.array(weights, { minLength: 1, maxLength: 8 }), weights, (readings, before) => {
      const then = day(1, before);
      const { told } = playGov(
        rules,
        readings.map((one, index) => moment(index * HOUR, day(0, one), then)),
      );
      expect(new Set(told.map(({ subject }) => subject)).size).toBe(told.length);
      const fell = readings.some((one) => {
        const { nakamotoHalf, nakamotoThird } = metricsOf(one.map(BigInt));
        const less = (is: number | null, was: number | null) => is !== null && was !== null && is < was;
        return less(nakamotoHalf, then.latest.nakamotoHalf) || less(nakamotoThird, then.latest.nakamotoThird);
      });
      expect(told.length > 0).toBe(fell);
    }),
    { numRuns: 200 },
  );
});
