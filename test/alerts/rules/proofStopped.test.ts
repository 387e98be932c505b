import { expect, test } from 'vitest';
import { proofStopped } from '../../../src/alerts/rules/proofStopped.ts';
import { defaultProofThresholds } from '../../../src/insight/proofLabels.ts';
import { CHAIN_START, type Moment, node, ownerOf, record } from '../facts.ts';
import { brief, play, tell } from './story.ts';

const rule = proofStopped(defaultProofThresholds);

/** Node 1 with its last proof at `lastAt`, beating until now unless said. */
const moment = (
  at: number,
  lastAt: number,
  { valid7d = 1_000, beatAt = at, networkAt = at, uncheckedAt = null as number | null } = {},
): Moment => ({
  at,
  nodes: [node(1, [record(1, { lastHeartbeatAtSeconds: CHAIN_START + beatAt })])],
  proofs: {
    nodes: [
      { nodeId: 1, lastSignedAtSeconds: CHAIN_START + lastAt, lastSettledAtSeconds: CHAIN_START + lastAt, valid7d },
    ],
    lastBatchAtSeconds: CHAIN_START + networkAt,
    unchecked: {
      count: uncheckedAt === null ? 0 : 21,
      oldestAtSeconds: uncheckedAt === null ? null : CHAIN_START + uncheckedAt,
    },
  },
});

test('a node whose proofs stopped for 2 h while it beats is told, and that they are back', () => {
  const { told, open } = play([rule], [moment(7_200, 0), moment(7_201, 0)]);
  expect(brief(told)).toEqual(['7201 fired stopped warning']);
  expect(told[0]?.view.title).toBe('Node’s proofs stopped: node1.example');
  expect(told[0]?.text).toContain('No valid proof for 2 h, the last one');
  expect(open).toMatchObject([{ nodeId: 1, owner: ownerOf(1), subject: 'node:1' }]);
  const back = tell(rule, [moment(7_201, 0), moment(9_000, 8_900)]);
  expect(back[1]).toMatchObject({ kind: 'resolved', view: { tone: 'ok', headline: 'Node’s proofs are back' } });
});

test('a node that is used little may be silent for longer', () => {
  // 100 in a week: one in 6,048 s.
  expect(tell(rule, [moment(36_288, 0, { valid7d: 100 })])).toEqual([]);
  expect(tell(rule, [moment(36_289, 0, { valid7d: 100 })])).toHaveLength(1);
  expect(tell(rule, [moment(600_000, 0, { valid7d: 19 })])).toEqual([]);
});

test.each([
  ['its heartbeats stopped too', { beatAt: 0 }],
  ['nobody is proven', { networkAt: 0 }],
  ['checks are behind', { uncheckedAt: 0 }],
])('it says nothing while %s', (_, more) => {
  expect(tell(rule, [moment(7_300, 0, more)])).toEqual([]);
});

test('a silence of all in between ends nothing', () => {
  expect(brief(tell(rule, [moment(7_201, 0), moment(9_900, 0, { networkAt: 7_300 }), moment(10_000, 0)]))).toEqual([
    '7201 fired stopped warning',
  ]);
});

test('a node that falls silent altogether is no longer awaited here, which is not the same as back', () => {
  const told = tell(rule, [moment(7_201, 0), moment(9_000, 0, { beatAt: 7_201 })]);
  expect(told[1]).toMatchObject({ kind: 'resolved', view: { tone: 'info', headline: 'No longer awaited' } });
});
