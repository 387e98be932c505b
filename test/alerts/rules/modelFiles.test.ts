import { expect, test } from 'vitest';
import { modelQueue } from '../../../src/alerts/rules/modelQueue.ts';
import { modelUnlisted } from '../../../src/alerts/rules/modelUnlisted.ts';
import { modelUnreadable } from '../../../src/alerts/rules/modelUnreadable.ts';
import { defaultModelThresholds } from '../../../src/insight/registrationQueue.ts';
import { STORAGE_SOURCE } from '../../../src/lib/modelFacts.ts';
import { blobIdOf, type Moment, published, WALL_START_MS } from '../facts.ts';
import { brief, play, tell } from './story.ts';

const moment = (at: number, models: Moment['models']): Moment => ({ at, nodes: [], models: models ?? {} });
const missing = (index: number, at: number) => ({
  ...published(),
  blobId: blobIdOf(index),
  sinceMs: WALL_START_MS + at * 1000,
});
const used = (index: number, at: number) => ({
  ...{ blobId: blobIdOf(index), uses: 3, lastUsedAtSeconds: WALL_START_MS / 1000 + at },
  firstSeenAtMs: WALL_START_MS + at * 1000,
});

test('a listed file that is missing for 10 min is told, and that it came back', () => {
  const told = tell(modelUnreadable, [
    moment(599, { unreadable: [missing(1, 0)] }),
    moment(600, { unreadable: [missing(1, 0)] }),
    moment(900, {}),
  ]);
  expect(brief(told)).toEqual(['600 fired missing warning', '900 resolved missing warning']);
  expect(told[0]?.view.title).toBe('Listed file cannot be read: acme/fraud, file blob1A…AAAA');
  expect(told[1]?.text).toContain('5 min after the alert');
});

test('storage that cannot be asked has lost nothing', () => {
  const failing = { states: { [STORAGE_SOURCE]: { state: 'failing' as const } } };
  expect(tell(modelUnreadable, [{ ...moment(900, { unreadable: [missing(1, 0)] }), ...failing }])).toEqual([]);
});

test('hundreds of files missing at once are told as one', () => {
  const unreadable = Array.from({ length: 300 }, (_, at) => missing(at, 0));
  // That there are so many is known only now, so they are one after 10 min as well.
  const { told } = play(
    [modelUnreadable],
    [moment(60, { unreadable }), moment(600, { unreadable }), moment(660, { unreadable })],
  );
  const heard = told.filter(({ at, inhibitedBy }) => at === 660 && inhibitedBy === null);
  expect(heard.map(({ view }) => view.title)).toEqual(['Listed files cannot be read: 300 files']);
});

test('a model that is used and not listed is noted after an hour, and its listing ends that', () => {
  const told = tell(modelUnlisted, [
    moment(3_599, { usedUnlisted: [used(1, 0)] }),
    moment(3_600, { usedUnlisted: [used(1, 0)], unseenModels: 2 }),
    moment(4_000, { listed: [{ ...published(), blobId: blobIdOf(1), atMs: WALL_START_MS, waitSeconds: null }] }),
  ]);
  expect(brief(told)).toEqual(['3600 fired used info', '4000 resolved used info']);
  expect(told[0]?.text).toContain('Used on chain (3 times), listed nowhere');
  expect(told[0]?.text).toContain('does not show the files of 2 models: it may be listed there');
  expect(told[1]?.text).toBe('The hub lists it in acme/fraud now.');
});

const queue = modelQueue(defaultModelThresholds);
const flow = (at: number, arrivals: number, listings: number): Moment =>
  moment(at, {
    waiting: [{ blobId: blobIdOf(1), storedAtMs: WALL_START_MS, storage: 'readable', isFollowed: false }],
    ...{ waitingCount: 40, arrivalsPerHour: [arrivals], listingsPerHour: [listings] },
  });

test('a queue that grows over the hour, and goes on to, is told, and its end when as many are listed', () => {
  const told = tell(queue, [
    flow(0, 40, 2),
    flow(1_799, 40, 2),
    flow(1_800, 40, 2),
    flow(2_000, 40, 40),
    flow(2_600, 40, 41),
  ]);
  expect(brief(told)).toEqual(['1800 fired growing warning', '2600 resolved growing warning']);
  expect(told[0]?.text).toContain('40 stored and 2 listed in the last hour; 40 uploads waiting.');
  expect(told[0]?.text).toContain('cannot be said (0 cases in the past week)');
});

test('a few more than usual are no growing queue', () => {
  expect(tell(queue, [flow(0, 6, 2), flow(3_600, 6, 2)])).toEqual([]);
});
