import { describe, expect, test } from 'vitest';
import { digestView } from '../../src/alerts/digest.ts';
import type { DigestPeriod } from '../../src/alerts/digestPeriod.ts';
import type { Hour } from '../../src/insight/uptime.ts';
import type { StoredIncident } from '../../src/store/store.ts';
import { factsAt, type Moment, node, ownerOf, record, status, WALL_START_MS } from './facts.ts';
import { textOf } from './queued.ts';
import { incident, over, subscription } from './told.ts';

const HOUR = Math.floor(WALL_START_MS / 3_600_000);
const hour = (more: Partial<Hour>): Hour => ({
  hour: HOUR,
  coveredSeconds: 3_600,
  activeSeconds: 3_600,
  probes: 60,
  reached: 60,
  latencyHistogram: null,
  ...more,
});

/** The last day of two nodes of two owners, of which the second was active half of its newest hour. */
function period(incidents: StoredIncident[], more: Partial<Moment> = {}): DigestPeriod {
  return {
    fromMs: WALL_START_MS - 86_400_000,
    toMs: WALL_START_MS,
    facts: factsAt({ at: 0, nodes: [node(1, [record(1)]), node(2, [record(2)])], ...more }),
    incidents,
    fromHour: HOUR - 23,
    toHour: HOUR,
    hours: new Map([
      [1, [hour({})]],
      [2, [hour({ activeSeconds: 1_800, reached: 30 })]],
    ]),
  };
}

const titleOf = ({ level, detail }: StoredIncident): string => `${level}: ${detail.label}`;

function digest(
  of: DigestPeriod,
  subscriptions = [subscription()],
  mutes: Parameters<typeof digestView>[1]['mutes'] = [],
) {
  const view = digestView(of, { subscriptions, mutes }, titleOf);
  if (view === null) throw new Error('no digest');
  return { ...view, text: view.lines.map(textOf) };
}

test('a quiet network is one calm line, and how its nodes are', () => {
  const view = digest(period([]));
  expect(view).toMatchObject({ title: 'Digest of the last day', tone: 'ok' });
  expect(view.text).toEqual(['All quiet: nothing fired in the last day.', '2 nodes now: 2 ok.']);
  expect(view.asOf).toBe(WALL_START_MS / 1000);
  expect(view.sources[0]).toContain('TEERegistry');
});

test('what is still open comes first, the gravest before the others; then what is over and how long it took', () => {
  const view = digest(
    period([
      over(60, { id: 1, nodeId: 2 }),
      incident({ id: 2 }),
      over(600, { id: 3 }),
      incident({ id: 4, severity: 'critical', level: 'expired' }),
      over(7_200, { id: 5 }),
    ]),
  );
  expect(view.tone).toBe('down');
  expect(view.text).toEqual([
    '2 alerts still open, 3 over, half of those within 10 min, the longest 2 h.',
    '2 nodes now: 2 ok.',
    'Still open:',
    '• expired: node-1, since 2026-11-21T11:00',
    '• missed: node-1, since 2026-11-21T11:00',
    'Over:',
    '• missed: node-2, 2026-11-21T11:00, over after 1 min',
    '• missed: node-1, 2026-11-21T11:00, over after 10 min',
    '• missed: node-1, 2026-11-21T11:00, over after 2 h',
  ]);
});

test('a long list is cut, and says by how much', () => {
  const view = digest(period(Array.from({ length: 25 }, (_, id) => over(60, { id }))));
  expect(view.text.slice(-2)).toEqual(['• missed: node-1, 2026-11-21T11:00, over after 1 min', '+15 more']);
  expect(view.text).toHaveLength(14);
});

describe('a chat reads', () => {
  test('of what it listens for, and sees those nodes', () => {
    const mine = subscription({ scope: 'owner', subject: ownerOf(2) });
    const incidents = [incident({ owner: ownerOf(1) }), over(60, { nodeId: 2, owner: ownerOf(2) })];
    const view = digest(period(incidents), [mine]);
    expect(view.text).toEqual([
      '0 alerts still open, 1 over.',
      '1 node now: 1 ok.',
      'Over:',
      '• missed: node-2, 2026-11-21T11:00, over after 1 min',
    ]);
    expect(view.chart?.title).toBe('1 node together');
  });

  test('nothing of what it has muted', () => {
    const muted = digest(period([incident()]), undefined, [
      { rule: 'node.heartbeat', untilMs: WALL_START_MS + 1, by: 'Ada' },
    ]);
    expect(muted.text[0]).toMatch(/^All quiet/);
  });

  test('no digest at all while it listens for nothing', () => {
    const listening = (subscriptions = [subscription()], mutes: { rule: string; untilMs: number; by: string }[] = []) =>
      digestView(period([incident()]), { subscriptions, mutes }, titleOf);
    expect(listening([])).toBeNull();
    expect(listening([subscription({ pausedUntilMs: WALL_START_MS + 1 })])).toBeNull();
    expect(listening(undefined, [{ rule: '', untilMs: WALL_START_MS + 1, by: 'Ada' }])).toBeNull();
    expect(listening([subscription({ pausedUntilMs: WALL_START_MS })])).not.toBeNull();
  });
});

test('the picture is of all its nodes together; hours without data are gaps', () => {
  const { chart } = digest(period([]));
  const points = chart?.panels.map(({ series }) => series[0]?.points ?? []);
  expect(chart).toMatchObject({ fromSeconds: (HOUR - 23) * 3600, toSeconds: (HOUR + 1) * 3600 });
  expect(points?.map((some) => some.length)).toEqual([24, 24]);
  expect(points?.map((some) => some.at(-1))).toEqual([
    [HOUR * 3600, 75],
    [HOUR * 3600, 75],
  ]);
  expect(points?.map((some) => some[0]?.[1])).toEqual([null, null]);
});

test('a registry that cannot be read now is not told as nodes that are well', () => {
  const unread = digest(period([], { source: status('failing') }));
  expect(unread.tone).toBe('unknown');
  expect(unread.text).toEqual([
    'Nothing fired in the last day.',
    'How the nodes are now is unknown: the node does not answer.',
  ]);
});

test('before anything was read there is no picture, and nothing is claimed', () => {
  const blank = digest(period([], { read: false, nodes: [], source: null }));
  expect(blank.chart).toBeUndefined();
  expect(blank.text).toEqual([
    'Nothing fired in the last day.',
    'How the nodes are now is unknown: the registry has not been read yet.',
  ]);
});

test('what is news is neither open nor over, and told in its period alone', () => {
  const news = incident({
    id: 7,
    rule: 'model.listed',
    level: 'listed',
    severity: 'info',
    detail: { label: 'acme/fraud' },
  });
  const old = { ...news, id: 8, firedAtMs: WALL_START_MS - 90_000_000, detail: { label: 'acme/old' } };
  const told = digest(period([news, old]));
  expect(told.tone).toBe('ok');
  expect(told.text[0]).toBe('All quiet: nothing fired in the last day.');
  expect(told.text).toContainEqual(expect.stringMatching(/^• listed: acme\/fraud, /));
  expect(told.text.join()).not.toContain('acme/old');
  expect(told.text.join()).not.toContain('Still open');
});
