import { expect, test } from 'vitest';
import { type GaugeEvent, type GaugeReading, gaugeCursor } from '../../src/lib/gaugeFacts.ts';
import type { View } from '../../src/lib/view.ts';
import type { Store } from '../../src/store/store.ts';
import { gaugeReading, log } from '../store/gaugeSample.ts';
import { block } from '../store/sample.ts';
import { askerOn } from './ask.ts';
import { pointOf, wordsOf } from './judgeView.ts';
import { NOW, NOW_MS } from './seed.ts';
import { governanceIsFresh, isFailing, VOTES } from './seedGovernance.ts';

const DAY = 86_400;

/** Read just now; its epoch is of two weeks, and its vote in the first of them. */
const reading = (beganDaysAgo: number, more: Partial<GaugeReading> = {}): GaugeReading => {
  const start = NOW - beganDaysAgo * DAY;
  const clock = { epoch: 7, startSeconds: start, endSeconds: start + 14 * DAY };
  const window = { voteStartSeconds: start + DAY, voteEndSeconds: start + 7 * DAY };
  const votingActive = NOW >= window.voteStartSeconds && NOW < window.voteEndSeconds;
  return gaugeReading({
    ...{ block: block(NOW), clock: { ...clock, ...window, votingActive } },
    ...{ season: { index: 2, startSeconds: NOW - 40 * DAY, endSeconds: null } },
    ...more,
  });
};

async function save(store: Store, said: GaugeReading, events: GaugeEvent[] = []): Promise<void> {
  await store.gauges.saveEvents(VOTES, events, { name: gaugeCursor(VOTES, 56), block: block(NOW) });
  await store.gauges.saveReading(said, NOW_MS);
  await governanceIsFresh(store, [VOTES]);
}

async function epochOf(said: GaugeReading, events: GaugeEvent[] = []): Promise<View> {
  const { ask, store } = await askerOn(0);
  await save(store, said, events);
  return await ask('gov epoch');
}

test.each([
  [0.5, 'Voting is closed; it opens in 12 h.', 'info'],
  [3, 'Voting is open for 4 d more.', 'ok'],
  [9, 'Voting is over; the next epoch begins in 5 d.', 'info'],
  [15, 'This epoch is over; the next one has not been read yet.', 'info'],
])('begun %s days ago: the window by the clock of the chain', async (daysAgo, point, tone) => {
  const view = await epochOf(reading(daysAgo));
  expect(pointOf(view)).toBe(point);
  expect(view.tone).toBe(tone);
});

test('time goes on while a source fails: what was open is over by its clock, and nothing is green', async () => {
  const { ask, store, bot } = await askerOn(0);
  await save(store, reading(6.5));
  expect(pointOf(await ask('gov epoch'))).toBe('Voting is open for 12 h more.');
  await isFailing(store, VOTES);
  bot.context.clock = { ...bot.context.clock, now: () => NOW_MS + DAY * 1000 };
  const later = await ask('gov epoch');
  expect(pointOf(later)).toBe('Voting is over; the next epoch begins in 6 d 12 h.');
  expect(later.tone).toBe('unknown');
  expect(wordsOf(later)).toContain('This is not from now');
});

test('a season that is announced is the next reset; the first one has run since the beginning', async () => {
  const announced = log('season-started', NOW - DAY, { season: 3, atSeconds: NOW + 2 * DAY });
  const view = await epochOf(reading(3), [announced]);
  expect(view.lines).toContainEqual(['Next reset: ', { time: NOW + 2 * DAY }, ', announced.']);
  const first = await epochOf(reading(3, { season: { index: 0, startSeconds: 0, endSeconds: null } }));
  expect(wordsOf(first)).toContain('Season 0: it has run since the beginning.');
});

test('without a clock, when votes are open is not known; without seasons power is not reset', async () => {
  const unclear = await epochOf(reading(3, { clock: null }));
  expect(unclear).toMatchObject({ title: 'Epochs of Bedrock', tone: 'unknown' });
  expect(pointOf(unclear)).toBe('When votes are open is not known: its clock did not say.');
  expect(wordsOf(await epochOf(reading(3, { season: null })))).toContain(
    'Its clock knows no seasons: power is not reset.',
  );
  // Not to be able to ask is no answer.
  const missing = ['The season could not be asked.'];
  expect(wordsOf(await epochOf(reading(3, { season: null, missing })))).not.toContain('knows no seasons');
});

test('Curve has epochs and no seasons: none are spoken of', async () => {
  const { ask, store, bot } = await askerOn(0);
  bot.context.governance = [
    {
      ...{ name: 'vine', title: 'Vine', missing: [], caution: ['Power decays until a lock ends.'] },
      origins: [{ source: VOTES, kind: 'curve', words: 'gauge controller 0x2f…0e on chain 1' }],
    },
  ];
  await save(store, reading(3, { season: null }));
  const words = wordsOf(await ask('gov epoch'));
  expect(words).not.toMatch(/season|reset/i);
  expect(words).toContain('Power decays until a lock ends.');
});

test('nobody voted, and not known who: two answers', async () => {
  const { ask, store } = await askerOn(0);
  await save(store, reading(3));
  const voted = async (): Promise<unknown> =>
    (await ask('gov epoch')).fields?.find(({ name }) => name === 'Voted this epoch')?.value;
  expect(await voted()).toBe('not known yet');
  await store.meta.set(`known-from:${gaugeCursor(VOTES, 56)}`, String(NOW - 90 * DAY));
  await store.gauges.saveReading(reading(3), NOW_MS + 1);
  expect(await voted()).toBe('nobody so far');
});

test('nothing read: it says so; a network without epochs too', async () => {
  const { ask } = await askerOn(0);
  expect((await ask('gov epoch')).title).toBe('Epochs: not known yet');
  expect(pointOf(await ask('gov epoch opengradient'))).toContain('No source of epochs is configured for OpenGradient');
});

test('what could not be read is not nothing: neither power nor what stands on gauges', async () => {
  const missing = ['The escrow names no lock NFT: who holds locks is not known.'];
  const view = await epochOf(
    reading(3, { locks: [], totalLockedWei: 10n ** 21n, gauges: [], totalCastWei: null, missing }),
  );
  const said = (name: string): unknown => view.fields?.find((field) => field.name === name)?.value;
  expect(said('Power that could vote')).toMatch(/^not known/);
  expect(said('Standing on gauges')).toBe('not known');
});
