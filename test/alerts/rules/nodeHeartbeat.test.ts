import { expect, test } from 'vitest';
import { evaluate } from '../../../src/alerts/evaluate.ts';
import { nodeHeartbeat } from '../../../src/alerts/rules/nodeHeartbeat.ts';
import { defaultThresholds } from '../../../src/insight/nodeHealth.ts';
import {
  applied,
  CHAIN_START,
  factsAt,
  MAX_AGE,
  type Moment,
  node,
  REGISTRY,
  record,
  WALL_START_MS,
  wordsOf,
} from '../facts.ts';
import { tell } from './story.ts';

const rule = nodeHeartbeat(defaultThresholds);

/** A node whose last beat was at `beatAt`, looked at at `at` (seconds since the start, by both clocks). */
const moment = (at: number, beatAt: number, more: Parameters<typeof record>[1] = {}): Moment => ({
  at,
  nodes: [node(1, [record(1, { lastHeartbeatAtSeconds: CHAIN_START + beatAt, ...more })])],
});

test('a beat is late above 960 s, and told after it stayed late for two minutes', () => {
  const told = tell(rule, [moment(960, 0), moment(961, 0), moment(1_080, 0), moment(1_081, 0)]);
  expect(told.map(({ at, kind, severity, view }) => [at, kind, severity, view.tone])).toEqual([
    [1_081, 'fired', 'info', 'degraded'],
  ]);
  expect(told[0]?.view.title).toMatch(/^Heartbeat late: /);
});

test('a beat that comes within the two minutes is no news', () => {
  expect(tell(rule, [moment(961, 0), moment(1_000, 990), moment(1_950, 990), moment(2_000, 1_990)])).toEqual([]);
});

test.each([
  [1_201, 'missed', 'warning', 'degraded', /^Heartbeat missed: /],
  [MAX_AGE + 1, 'expired', 'critical', 'down', /^Node silent, inactive on chain: /],
])('first seen after %i s it is told at once as %s', (at, _, severity, tone, title) => {
  const [fired, ...more] = tell(rule, [moment(at, 0)]);
  expect(more).toEqual([]);
  expect(fired).toMatchObject({ kind: 'fired', severity, view: { tone, title: expect.stringMatching(title) } });
});

test('the alert says since when, how often one is expected, and when it counts as inactive by the reader’s clock', () => {
  const [fired] = tell(rule, [moment(1_230, 0)]);
  expect(fired?.text).toContain('No heartbeat for 20 min 30 s; one is expected every 15 min.');
  // 1,800 s are allowed and 1,230 s have passed, so 570 s are left from now.
  const inactiveAt = WALL_START_MS / 1000 + 1_230 + (MAX_AGE - 1_230);
  expect(fired?.view.lines[1]).toContainEqual({ time: inactiveAt });
  expect(fired?.view.asOf).toBe(WALL_START_MS / 1000 + 1_230);
  expect(fired?.view.sources.join()).toContain(`${REGISTRY.slice(0, 8)}…`);
  expect(fired?.view.actions?.map(({ command }) => command.replace(/ \S+$/, ''))).toEqual([
    'node status',
    'node history',
  ]);
});

test('back is told with how long it lasted after the alert', () => {
  const told = tell(rule, [moment(1_201, 0), moment(1_201 + 600, 1_790)]);
  expect(told[1]).toMatchObject({ kind: 'resolved', view: { tone: 'ok' } });
  expect(told[1]?.text).toContain('It beats again, 10 min after the alert.');
  expect(told[1]?.text).not.toContain('restarted');
});

test('an enclave that came back under a new id is said to be one', () => {
  const restarted: Moment = {
    at: 1_300,
    nodes: [
      node(1, [
        record(1, { lastHeartbeatAtSeconds: CHAIN_START }),
        record(2, { endpoint: 'https://node1.example', lastHeartbeatAtSeconds: CHAIN_START + 1_290 }),
      ]),
    ],
  };
  const told = tell(rule, [moment(1_201, 0), restarted]);
  expect(told.map(({ kind }) => kind)).toEqual(['fired', 'resolved']);
  expect(told[1]?.text).toContain('The enclave was restarted: it has a new id, ');
});

test('a node that is disabled while silent is no longer awaited, which is not the same as back', () => {
  const told = tell(rule, [moment(1_201, 0), moment(1_260, 0, { enabled: false })]);
  expect(told[1]).toMatchObject({
    kind: 'resolved',
    view: { tone: 'info', title: expect.stringMatching(/^No longer/) },
  });
  expect(told[1]?.text).not.toContain('beats again');
});

test('a registration silent for more than a day when first seen is history; one that was watched is not let go', () => {
  expect(tell(rule, [moment(86_401, 0), moment(90_000, 0)])).toEqual([]);
  const watched = tell(rule, [moment(86_400, 0), moment(90_000, 0)]);
  expect(watched.map(({ kind }) => kind)).toEqual(['fired']);
});

test('a disabled node is not expected to beat at all', () => {
  expect(tell(rule, [moment(1_201, 0, { enabled: false }), moment(5_000, 0, { enabled: false })])).toEqual([]);
});

test('several told as one need the title without the node', () => {
  const told = tell(rule, [moment(1_201, 0), moment(1_801, 0), moment(2_000, 1_990)]);
  expect(told.map(({ view }) => view.headline)).toEqual([
    'Heartbeat missed',
    'Node silent, inactive on chain',
    'Node is back',
  ]);
  for (const { view } of told) expect(view.title).toBe(`${view.headline}: node1.example`);
});

test('its value is the age of the last beat, kept by whole minutes and without a word', () => {
  let open = applied([], evaluate(factsAt(moment(1_250, 0)), [], [rule], null, new Map()));
  expect(open).toMatchObject([{ value: 1_250 }]);
  const values: (number | null | undefined)[] = [];
  for (let at = 1_251; at < 1_400; at += 1) {
    const changes = evaluate(factsAt(moment(at, 0)), open, [rule], null, new Map());
    values.push(...changes.map(({ incident, event }) => (event ? undefined : incident.value)));
    open = applied(open, changes);
  }
  expect(values).toEqual([1_260, 1_320, 1_380]);
});

test('what is told again later, in a reminder, says how long it is by then', () => {
  const [incident] = applied([], evaluate(factsAt(moment(1_801, 0)), [], [rule], null, new Map()));
  if (incident === undefined) throw new Error('nothing fired');
  const later = rule.text('fired', incident, factsAt(moment(1_801 + 3_600, 0)));
  expect(wordsOf(later.lines)).toContain('No heartbeat for 1 h 30 min');
});

test('a subscription can only ask to hear later than the rule', () => {
  expect(rule.threshold).toMatchObject({ unit: 's', default: 960, min: 960 });
});
