import { expect, test } from 'vitest';
import { sourceRegistry } from '../../../src/alerts/rules/sourceRegistry.ts';
import { CHAIN_HALTED } from '../../../src/lib/facts.ts';
import { type Moment, status, WALL_START_MS } from '../facts.ts';
import { tell } from './story.ts';

const rule = sourceRegistry({ noticeAfterMs: 300_000 });
const failing = (at: number, sinceAt = 0, shortError = 'the node does not answer'): Moment => ({
  at,
  nodes: [],
  source: status('failing', { failingSinceMs: WALL_START_MS + sinceAt * 1000, shortError }),
});
const halted = (at: number): Moment => ({
  at,
  nodes: [],
  source: status('stale', { failingSinceMs: WALL_START_MS, shortError: CHAIN_HALTED }),
});
const fresh = (at: number): Moment => ({ at, nodes: [] });

test('the notice says that nothing is known, since when and why, and nothing internal', () => {
  const [notice] = tell(rule, [failing(300)]);
  expect(notice?.view).toMatchObject({ title: 'Cannot read the node registry', tone: 'unknown' });
  expect(notice?.view.lines[0]).toContainEqual({ time: WALL_START_MS / 1000 });
  expect(notice?.text).toContain('the node does not answer');
  expect(notice?.text).toContain('says nothing about the nodes');
  // The address in `error` is for the operator's log.
  expect(JSON.stringify(notice)).not.toContain('10.0.0.7');
});

test('it is told once, whatever the cause turns into, and its end tells how long it lasted', () => {
  const told = tell(rule, [failing(300), failing(400, 0, 'wrong chain'), failing(9_000), fresh(9_300)]);
  expect(told.map(({ kind }) => kind)).toEqual(['fired', 'resolved']);
  expect(told[1]?.text).toContain('2 h 30 min after the notice');
});

test('a source that begins to fail anew does not end the notice of the failure before', () => {
  expect(tell(rule, [failing(300), failing(310, 305)]).map(({ kind }) => kind)).toEqual(['fired']);
});

test('short failures do not add up to a long one', () => {
  const told = tell(rule, [failing(200), fresh(201), failing(450, 202), fresh(451), failing(700, 452)]);
  expect(told).toEqual([]);
});

test('a source that was never asked is not a source that fails', () => {
  expect(tell(rule, [{ at: 9_000, nodes: [], source: null }])).toEqual([]);
  expect(tell(rule, [{ at: 9_000, nodes: [], source: status('unknown') }])).toEqual([]);
});

test('a chain that stands still is told as that, not as a registry that cannot be read, and clears the nodes', () => {
  const told = tell(rule, [halted(299), halted(300), fresh(900)]);
  expect(told[0]).toMatchObject({ at: 300, kind: 'fired', severity: 'warning', view: { title: 'Chain halted' } });
  expect(told[0]?.text).toContain('The chain has produced no block since');
  expect(told[0]?.text).toContain('Node alerts rest until there are blocks again');
  expect(told[1]?.view.title).toBe('The chain produces blocks again');
});

test('an endpoint that lags, or a bot that has not asked, is no halted chain', () => {
  const shortError = 'this bot has not asked it since';
  const source = status('stale', { failingSinceMs: WALL_START_MS, shortError });
  expect(tell(rule, [{ at: 300, nodes: [], source }])[0]?.view.title).toBe('Cannot read the node registry');
});

test('a halted chain that cannot be read either is one incident, whose message is changed', () => {
  const told = tell(rule, [halted(300), failing(400), halted(500), fresh(600)]);
  expect(told.map(({ kind, view }) => [kind, view.title])).toEqual([
    ['fired', 'Chain halted'],
    ['changed', 'Cannot read the node registry'],
    ['changed', 'Chain halted'],
    ['resolved', 'The chain produces blocks again'],
  ]);
});
