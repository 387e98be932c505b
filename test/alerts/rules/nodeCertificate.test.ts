import { expect, test } from 'vitest';
import { nodeCertificate } from '../../../src/alerts/rules/nodeCertificate.ts';
import { defaultThresholds } from '../../../src/insight/nodeHealth.ts';
import type { ProbeOutcome } from '../../../src/lib/facts.ts';
import { CHAIN_START, type Moment, node, probe, record, WALL_START_MS } from '../facts.ts';
import { tell } from './story.ts';

const rule = nodeCertificate(defaultThresholds);

const seen = (at: number, outcome: ProbeOutcome, streak: number, more: Parameters<typeof probe>[2] = {}): Moment => ({
  at,
  nodes: [
    node(
      1,
      [record(1, { lastHeartbeatAtSeconds: CHAIN_START + at })],
      [probe(1, outcome, { streak, atMs: WALL_START_MS + at * 1000, streakSinceMs: WALL_START_MS, ...more })],
    ),
  ],
});

test('one wrong certificate may be a slip; the second in a row is told, with the moment of the first', () => {
  const told = tell(rule, [seen(0, 'certificate-mismatch', 1), seen(60, 'certificate-mismatch', 2)]);
  expect(told).toMatchObject([{ at: 60, kind: 'fired', severity: 'critical', view: { tone: 'down' } }]);
  expect(told[0]?.view.lines[0]).toContainEqual({ time: WALL_START_MS / 1000 });
});

test('it is over when the registered certificate is seen again', () => {
  const told = tell(rule, [seen(0, 'certificate-mismatch', 2), seen(120, 'ok', 1)]);
  expect(told[1]).toMatchObject({ kind: 'resolved', view: { tone: 'ok' } });
  expect(told[1]?.text).toContain('2 min after the alert');
});

test.each<ProbeOutcome>(['timeout', 'unreachable', 'bad-response', 'not-asked'])(
  'a node that cannot be asked (%s) says nothing of its certificate: it neither opens nor ends an incident',
  (outcome) => {
    expect(tell(rule, [seen(0, outcome, 50)])).toEqual([]);
    const told = tell(rule, [seen(0, 'certificate-mismatch', 2), seen(60, outcome, 50)]);
    expect(told.map(({ kind }) => kind)).toEqual(['fired']);
  },
);

test('a first mismatch after something else keeps an incident open', () => {
  const told = tell(rule, [
    seen(0, 'certificate-mismatch', 2),
    seen(60, 'timeout', 1),
    seen(120, 'certificate-mismatch', 1),
    seen(180, 'certificate-mismatch', 2),
  ]);
  expect(told.map(({ kind }) => kind)).toEqual(['fired']);
});

test('a probe that is too old says nothing about now', () => {
  const old = { atMs: WALL_START_MS - defaultThresholds.probeFreshSeconds * 1000 };
  expect(tell(rule, [seen(1, 'certificate-mismatch', 9, old)])).toEqual([]);
  expect(tell(rule, [seen(0, 'certificate-mismatch', 9, old)])).toHaveLength(1);
});

test('another key behind the right certificate is not this rule’s affair', () => {
  expect(tell(rule, [seen(0, 'wrong-identity', 5, { certificateMatches: true })])).toEqual([]);
});
