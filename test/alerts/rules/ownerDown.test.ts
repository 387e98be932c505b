import { expect, test } from 'vitest';
import { ownerDown } from '../../../src/alerts/rules/ownerDown.ts';
import { defaultThresholds } from '../../../src/insight/nodeHealth.ts';
import type { TeeRecord } from '../../../src/lib/facts.ts';
import { CHAIN_START, MAX_AGE, type Moment, node, ownerOf, record } from '../facts.ts';
import { tell } from './story.ts';

const rule = ownerDown(defaultThresholds);
const DAY = 86_400;

/** Nodes of one owner, each with the age of its last beat, and what else its record says. */
const moment = (at: number, ...ages: (number | [number, Partial<TeeRecord>])[]): Moment => ({
  at,
  nodes: ages.map((one, index) => {
    const [age, more] = Array.isArray(one) ? one : [one, {}];
    const lastHeartbeatAtSeconds = CHAIN_START + at - age;
    return node(index + 1, [record(index + 1, { owner: ownerOf(1), lastHeartbeatAtSeconds, ...more })]);
  }),
});

test('three nodes that all missed their beat are one critical alert with a list, the longest silence first', () => {
  const [fired, ...more] = tell(rule, [moment(0, 1_201, MAX_AGE + 1, 1_300)]);
  expect(more).toEqual([]);
  expect(fired).toMatchObject({ kind: 'fired', severity: 'critical', view: { tone: 'down', headline: 'Owner down' } });
  const list = fired?.view.lines.slice(1);
  expect(list).toEqual([
    '• node2.example: silent for 30 min 1 s',
    '• node3.example: silent for 21 min 40 s',
    '• node1.example: silent for 20 min 1 s',
  ]);
});

test('of many nodes ten are named and the others counted', () => {
  const [fired] = tell(rule, [moment(0, ...Array.from({ length: 14 }, () => 1_300))]);
  expect(fired?.view.lines).toHaveLength(12);
  expect(fired?.view.lines.at(-1)).toBe('+4 more');
  expect(fired?.text).toContain('None of the owner');
  expect(fired?.text).toContain('14 nodes');
});

test.each([
  ['two nodes', [1_300, 1_300]],
  ['one of them beats', [1_300, 1_300, 10]],
  ['one of them is merely late', [1_300, 1_300, 1_100]],
  ['the third is disabled', [1_300, 1_300, [1_300, { enabled: false }]]],
  ['the third was given up days ago', [1_300, 1_300, DAY * 3]],
  ['the third belongs to somebody else', [1_300, 1_300, [1_300, { owner: ownerOf(2) }]]],
] as [string, Parameters<typeof moment>[1][]][])('no alert for the owner: %s', (_, ages) => {
  expect(tell(rule, [moment(0, ...ages)])).toEqual([]);
});

test('one way or another to write an address, it is one owner', () => {
  const upper = `0x${ownerOf(1).slice(2).toUpperCase()}` as const;
  expect(tell(rule, [moment(0, 1_300, 1_300, [1_300, { owner: upper }])])).toHaveLength(1);
});

test('a relic does not keep the alert for the living away, and is not counted', () => {
  const [fired] = tell(rule, [moment(0, 1_300, 1_300, 1_300, 9 * DAY)]);
  expect(fired?.text).toContain('3 nodes');
});

test('it goes on for as long as they are silent, days if need be', () => {
  const told = tell(
    rule,
    [0, 1, 2, 3].map((day) => moment(day * DAY, 1_300 + day * DAY, 1_400 + day * DAY, 1_500 + day * DAY)),
  );
  expect(told.map(({ kind }) => kind)).toEqual(['fired']);
});

test('owners that were down for over a day when first looked at are history', () => {
  expect(tell(rule, [moment(0, DAY + 1, DAY + 1, DAY + 1)])).toEqual([]);
});

test('all back: told at once, with how long it lasted', () => {
  const told = tell(rule, [moment(0, 1_300, 1_300, 1_300), moment(600, 5, 6, 7)]);
  expect(told[1]).toMatchObject({ at: 600, kind: 'resolved', view: { tone: 'ok' } });
  expect(told[1]?.text).toBe('All of its nodes beat again, 10 min after the alert.');
});

test('some back: told after one heartbeat interval, with how many are not', () => {
  const told = tell(rule, [
    moment(0, 1_300, 1_300, 1_300),
    moment(60, 5, 1_360, 1_360),
    moment(959, 904, 2_259, 2_259),
    moment(960, 905, 2_260, 2_260),
  ]);
  expect(told.map(({ at, kind }) => [at, kind])).toEqual([
    [0, 'fired'],
    [960, 'resolved'],
  ]);
  expect(told[1]?.view).toMatchObject({ tone: 'degraded', headline: 'Owner partly back' });
  expect(told[1]?.text).toContain('2 nodes still silent');
});

test('silent again before the interval is over: the same incident goes on', () => {
  const told = tell(rule, [
    moment(0, 1_300, 1_300, 1_300),
    moment(60, 5, 1_360, 1_360),
    moment(1_300, 1_245, 2_600, 2_600),
  ]);
  expect(told.map(({ kind }) => kind)).toEqual(['fired']);
});

test('an owner that took its nodes off is not back', () => {
  const off = { enabled: false };
  const told = tell(rule, [moment(0, 1_300, 1_300, 1_300), moment(10, [1_310, off], [1_310, off], [1_310, off])]);
  expect(told[1]).toMatchObject({ kind: 'resolved', view: { tone: 'info' } });
  const gone = tell(rule, [moment(0, 1_300, 1_300, 1_300), moment(10)]);
  expect(gone[1]).toMatchObject({ kind: 'resolved', view: { tone: 'info' } });
});
