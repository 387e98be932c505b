import { expect, test } from 'vitest';
import { modelLate } from '../../../src/alerts/rules/modelLate.ts';
import { defaultModelThresholds } from '../../../src/insight/registrationQueue.ts';
import { HUB_SOURCE } from '../../../src/lib/modelFacts.ts';
import { blobIdOf, HOSTILE, type Moment, published, WALL_START_MS } from '../facts.ts';
import { brief, play, tell } from './story.ts';

const rule = modelLate(defaultModelThresholds);

const waiting = (index: number, storedAt = 0, more: object = {}) => ({
  ...{
    blobId: blobIdOf(index),
    storedAtMs: WALL_START_MS + storedAt * 1000,
    storage: 'readable' as const,
    isFollowed: false,
  },
  ...more,
});

const moment = (at: number, some: ReturnType<typeof waiting>[], more: Moment['models'] = {}): Moment => ({
  at,
  nodes: [],
  models: { waiting: some, waitingCount: some.length, ...more },
});

const listed = (index: number, at: number, waitSeconds: number | null, name = 'fraud') => ({
  ...{ blobId: blobIdOf(index), atMs: WALL_START_MS + at * 1000, waitSeconds },
  ...published(name),
});

test('an upload is late above 30 min, very late above 2 h, and over when it is listed', () => {
  const told = tell(rule, [
    moment(1_800, [waiting(1)]),
    moment(1_801, [waiting(1)]),
    moment(7_200, [waiting(1)]),
    moment(7_201, [waiting(1)]),
    moment(7_300, [], { listed: [listed(1, 7_290, 7_290)] }),
    moment(7_400, [], { listed: [listed(1, 7_290, 7_290)] }),
  ]);
  expect(brief(told)).toEqual([
    '1801 fired late warning',
    '7201 changed very-late critical',
    '7300 resolved very-late critical',
  ]);
  expect(told[0]?.view.title).toBe('Registration late: upload blob1A…AAAA');
  expect(told[0]?.text).toContain('Stored for 30 min 1 s and not listed on the hub');
  expect(told[0]?.text).toContain('the default: the past week has too few to go by (0 cases)');
  expect(told[0]?.view.actions?.map(({ command }) => command)).toEqual([`model status ${blobIdOf(1)}`, 'model queue']);
  expect(told[2]?.text).toContain('The hub lists it in acme/fraud, 1 h 31 min after the alert. It took 2 h 1 min');
});

test('with 20 cases of the past week their p95 is when it is late, and the text says on how many', () => {
  const waits = Array.from({ length: 20 }, (_, at) => ({ seconds: 60 * (at + 1), storedAtMs: 0, listedAtMs: 0 }));
  const told = tell(rule, [moment(1_140, [waiting(1)], { waits }), moment(1_141, [waiting(1)], { waits })]);
  expect(brief(told)).toEqual(['1141 fired late warning']);
  expect(told[0]?.text).toContain('95 % of the past week’s took no longer (20 cases)');
});

test('the past week cannot end an alert: only a listing does', () => {
  const slow = Array.from({ length: 20 }, () => ({ seconds: 9_000, storedAtMs: 0, listedAtMs: 0 }));
  const told = tell(rule, [
    moment(1_900, [waiting(1)]),
    moment(2_000, [waiting(1)], { waits: slow }),
    moment(2_100, [waiting(1)]),
  ]);
  expect(brief(told)).toEqual(['1900 fired late warning']);
});

test('while the hub cannot be asked nothing is late, and nothing is over', () => {
  const failing = { states: { [HUB_SOURCE]: { state: 'failing' as const } } };
  expect(tell(rule, [{ ...moment(9_000, [waiting(1)]), ...failing }])).toEqual([]);
  const { told, open } = play(
    [rule],
    [moment(1_900, [waiting(1)]), { ...moment(2_000, []), ...failing }, { at: 2_100, nodes: [] }],
  );
  expect([brief(told), open.length]).toEqual([['1900 fired late warning'], 1]);
});

test('one that waits no more without being listed is not said to be', () => {
  const told = tell(rule, [moment(1_900, [waiting(1)]), moment(2_000, [])]);
  expect(told[1]).toMatchObject({ kind: 'resolved', view: { tone: 'info', headline: 'No longer counted as waiting' } });
  expect(told[1]?.text).not.toContain('lists it');
});

test('2,000 uploads late at once are one message for who follows all, and one each for who follows one', () => {
  const burst = Array.from({ length: 2_000 }, (_, at) => waiting(at, 0, { isFollowed: at === 1_500 }));
  const { told, open } = play([rule], [moment(1_900, burst)]);
  const heard = told.filter(({ inhibitedBy }) => inhibitedBy === null);
  expect(heard.map(({ subject, view }) => [subject, view.title])).toEqual([
    ['queue', 'Registrations late: 2000 uploads'],
  ]);
  expect(told[0]?.subject, 'told before those it speaks for').toBe('queue');
  expect(told).toHaveLength(1 + 21);
  expect(told.map(({ subject }) => subject)).toContain(`blob:${blobIdOf(1_500)}`);
  // A subscription to one upload is not about the queue.
  expect(open.find(({ subject }) => subject === 'queue')?.topics).toEqual(['queue:late']);
  expect(open.find(({ subject }) => subject === `blob:${blobIdOf(1_500)}`)?.topics).toEqual([
    `blob:${blobIdOf(1_500)}`,
  ]);
});

test('the crowd ends when few are left, not at every one that comes and goes', () => {
  const some = (count: number) => Array.from({ length: count }, (_, at) => waiting(at));
  const { told } = play(
    [rule],
    [moment(1_900, some(21)), moment(2_000, some(15)), moment(2_100, some(21)), moment(2_200, some(10))],
  );
  const queue = told.filter(({ subject }) => subject === 'queue');
  expect(brief(queue)).toEqual(['1900 fired late warning', '2200 resolved late warning']);
});

test('that storage has lost it is said first', () => {
  const [late] = tell(rule, [moment(1_900, [waiting(1, 0, { storage: 'missing' })])]);
  expect(late?.text).toContain('Storage does not have it any more');
});

test('a hostile name stays text, and short', () => {
  const hostile = { ...listed(1, 2_000, 2_000), modelName: HOSTILE, author: HOSTILE };
  const told = tell(rule, [moment(1_900, [waiting(1)]), moment(2_000, [], { listed: [hostile] })]);
  expect(told[1]?.text.length).toBeLessThan(250);
  expect(told[1]?.text).not.toMatch(/[\u202e\n]/);
});
