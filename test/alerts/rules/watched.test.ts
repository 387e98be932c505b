import { expect, test } from 'vitest';
import { concerns } from '../../../src/alerts/concerns.ts';
import { watchExpired, watchExpiring } from '../../../src/alerts/rules/watchExpiring.ts';
import { watchInvalid } from '../../../src/alerts/rules/watchInvalid.ts';
import { watchLate } from '../../../src/alerts/rules/watchLate.ts';
import { watchSettled } from '../../../src/alerts/rules/watchSettled.ts';
import { defaultProofThresholds } from '../../../src/insight/proofLabels.ts';
import { HOSTILE, type Moment, watch } from '../facts.ts';
import { subscription } from '../told.ts';
import { play } from './story.ts';

const rules = [watchExpiring, watchExpired, watchLate, watchInvalid, watchSettled].map((make) =>
  make(defaultProofThresholds),
);

const moment = (at: number, more: Parameters<typeof watch>[1] = {}): Moment => ({
  at,
  nodes: [],
  proofs: { watches: [watch(12, more)] },
});

const said = (moments: Moment[]) =>
  play(rules, moments).told.map(({ at, rule, kind, level, severity }) => `${at} ${rule} ${kind} ${level} ${severity}`);

test('an individual proof: late after 10 min, about to expire at 45, expired after 60', () => {
  const individual = { mode: 'individual' as const };
  expect(said([600, 601, 2_699, 2_700, 3_600, 3_601].map((at) => moment(at, individual)))).toEqual([
    '601 watch.late fired late warning',
    '2700 watch.expiring fired expiring critical',
    '3601 watch.expired fired expired critical',
  ]);
});

test('a batch is late after 30 min and never expires', () => {
  expect(said([1_800, 1_801, 9_000].map((at) => moment(at, { mode: 'batch' })))).toEqual([
    '1801 watch.late fired late warning',
  ]);
});

test('while the mode is not known it is as patient as a batch, and says what an individual one would be', () => {
  const { told } = play(rules, [moment(1_800), moment(1_801), moment(2_700)]);
  expect(told.map(({ rule }) => rule)).toEqual(['watch.late', 'watch.expiring']);
  expect(told[1]?.text).toContain('Not proven for 45 min, 15 min before it is too late');
  expect(told[1]?.text).toContain('If it is an individual one');
});

test('proven in time is one message, and no more', () => {
  const settled = { state: 'settled' as const, mode: 'individual' as const, delaySeconds: 180 };
  const { told } = play(rules, [
    moment(60),
    moment(200, settled),
    moment(300, settled),
    { at: 90_000, nodes: [], proofs: {} },
  ]);
  expect(told.map(({ view }) => view.title)).toEqual([`Proven after 3 min: request 0x000000…000c`]);
  expect(told[0]?.text).toContain('slow for an individual proof. The signature is valid.');
});

test('settled without a key to check it by is not called proven', () => {
  const settled = {
    state: 'settled' as const,
    mode: 'individual' as const,
    delaySeconds: 60,
    reason: 'Its signature could not be checked',
  };
  const { told } = play(rules, [moment(60), moment(90, settled)]);
  expect(told.map(({ view }) => view.title)).toEqual([`Settled after 1 min: request 0x000000…000c`]);
  expect(told[0]?.text).toContain('Its signature could not be checked.');
  expect(told[0]?.text).not.toMatch(/proven|is valid/i);
});

test('proven late is one message as well: the end of what was told as late is said by it', () => {
  const settled = { state: 'settled' as const, mode: 'batch' as const, delaySeconds: 3_000 };
  const { told, open } = play(rules, [moment(1_900), moment(2_800), moment(3_100, settled), moment(3_200, settled)]);
  expect(told.map(({ at, rule, kind }) => `${at} ${rule} ${kind}`)).toEqual([
    '1900 watch.late fired',
    '2800 watch.expiring fired',
    '3100 watch.settled fired',
  ]);
  expect(told[2]?.text).toContain('Proven 50 min after it was signed: overdue for a batch proof.');
  expect(open.map(({ rule }) => rule)).toEqual(['watch.settled']);
});

test('one that was late and proven while this bot was down is told all the same', () => {
  expect(said([moment(60), moment(9_000, { state: 'settled', mode: 'batch', delaySeconds: 3_000 })])).toEqual([
    '9000 watch.settled fired proven info',
  ]);
});

test('expired, invalid and reverted are told once, with the reason as text', () => {
  expect(said([moment(2_700), moment(3_700, { state: 'expired', mode: 'individual', reason: 'x' })])).toEqual([
    '2700 watch.expiring fired expiring critical',
    '2700 watch.late fired late warning',
    '3700 watch.expired fired expired critical',
  ]);
  for (const state of ['invalid', 'failed'] as const) {
    const { told } = play(rules, [moment(60, { state, reason: HOSTILE }), moment(70, { state, reason: HOSTILE })]);
    expect(told.map(({ rule, level, severity }) => [rule, level, severity])).toEqual([
      ['watch.invalid', state, 'critical'],
    ]);
    expect(told[0]?.text.length).toBeLessThan(500);
    expect(told[0]?.text).not.toMatch(/[\u202e\n]/);
  }
});

test('only the chat that follows it hears of it', () => {
  const [incident] = play(rules, [moment(1_900)]).open;
  if (incident === undefined) throw new Error('nothing is open');
  const hears = (subject: string) => concerns(subscription({ family: 'watch', scope: 'watch', subject }), incident);
  expect([hears('12'), hears('1'), hears('2')]).toEqual([true, false, false]);
});

test('when it was signed may not be known, which is said', () => {
  const [late] = play(rules, [moment(1_900, { signedAtSeconds: null })]).told;
  expect(late?.text).toContain('counted from when you asked');
});
