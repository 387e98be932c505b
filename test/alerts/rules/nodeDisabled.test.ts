import { expect, test } from 'vitest';
import { nodeDisabled } from '../../../src/alerts/rules/nodeDisabled.ts';
import { CHAIN_START, type Moment, node, record } from '../facts.ts';
import { tell } from './story.ts';

const moment = (at: number, more: Parameters<typeof record>[1] = {}): Moment => ({
  at,
  nodes: [node(1, [record(1, { lastHeartbeatAtSeconds: CHAIN_START + at, ...more })])],
});

test('disabled is told at once, enabled again with how long it was', () => {
  const told = tell(nodeDisabled, [moment(0), moment(10, { enabled: false }), moment(100), moment(310)]);
  expect(told.map(({ at, kind, severity, view }) => [at, kind, severity, view.tone])).toEqual([
    [10, 'fired', 'warning', 'down'],
    [100, 'resolved', 'warning', 'ok'],
  ]);
  expect(told[1]?.text).toBe('It was disabled for 1 min 30 s.');
});

test('a node whose measurement was revoked is not told as disabled: that has an alert of its own', () => {
  const revoked = { enabled: false, pcrHash: `0x${'cd'.repeat(32)}` as const };
  expect(tell(nodeDisabled, [moment(0, revoked)])).toEqual([]);
  const told = tell(nodeDisabled, [moment(0, { enabled: false }), moment(10, revoked)]);
  expect(told[1]).toMatchObject({ kind: 'resolved', view: { tone: 'info' } });
  expect(told[1]?.text).toContain('no longer approved');
});

test('one registration of several that is disabled is no news while another stands for the node', () => {
  const two = (at: number): Moment => ({
    at,
    nodes: [
      node(1, [
        record(1, { enabled: false, lastHeartbeatAtSeconds: CHAIN_START - 5_000 }),
        record(2, { endpoint: 'https://node1.example', lastHeartbeatAtSeconds: CHAIN_START + at }),
      ]),
    ],
  });
  expect(tell(nodeDisabled, [two(0), two(10)])).toEqual([]);
});

test('a node disabled long ago is history when it is first seen', () => {
  expect(tell(nodeDisabled, [moment(0, { enabled: false, lastHeartbeatAtSeconds: CHAIN_START - 90_000 })])).toEqual([]);
});

test('a node that the registry no longer lists was not enabled again', () => {
  const told = tell(nodeDisabled, [moment(0, { enabled: false }), { at: 10, nodes: [] }]);
  expect(told[1]?.view).toMatchObject({ tone: 'info', title: expect.stringMatching(/^No longer registered/) });
});
