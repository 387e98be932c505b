import fc from 'fast-check';
import { expect, test } from 'vitest';
import { evaluate } from '../../src/alerts/evaluate.ts';
import { FLAP_WINDOW_MS } from '../../src/alerts/flapping.ts';
import { createRules } from '../../src/alerts/registry.ts';
import type { Rule } from '../../src/alerts/rule.ts';
import { defaultThresholds } from '../../src/insight/nodeHealth.ts';
import type { Address } from '../../src/lib/delivery.ts';
import type { IncidentChange, StoredIncident, StoredNode } from '../../src/store/store.ts';
import {
  applied,
  CHAIN_START,
  factsAt,
  type Moment,
  node,
  ownerOf,
  PCR,
  probe,
  record,
  status,
  WALL_START_MS,
  wordsOf,
} from './facts.ts';

const RULES = createRules({ thresholds: defaultThresholds, sourceNoticeAfterMs: 300_000 });
const ADMIN: Address = { platform: 'telegram', chatId: '-1', threadId: null };

interface Told {
  at: number;
  rule: string;
  subject: string;
  kind: string;
  level: string;
  inhibitedBy: string | null;
}

/** A story, moment by moment; `keep` stands for what a restart does to the open incidents. */
function play(
  moments: readonly Moment[],
  keep: (open: StoredIncident[], index: number) => StoredIncident[] = (open) => open,
  rules: readonly Rule[] = RULES,
) {
  let open: StoredIncident[] = [];
  const told: Told[] = [];
  const turned: { key: string; atMs: number }[] = [];
  const rounds: IncidentChange[][] = [];
  for (const [index, moment] of moments.entries()) {
    const facts = factsAt(moment);
    const turns = Map.groupBy(
      turned.filter(({ atMs }) => atMs >= facts.nowMs - FLAP_WINDOW_MS),
      ({ key }) => key,
    );
    const counts = new Map([...turns].map(([key, { length }]) => [key, length]));
    const changes = evaluate(facts, open, rules, ADMIN, counts);
    for (const { incident, event } of changes) {
      const { rule, subject, level, inhibitedBy } = incident;
      if (event) told.push({ at: moment.at, rule, subject, kind: event.kind, level, inhibitedBy });
      if (event && event.kind !== 'changed') turned.push({ key: `${rule}|${subject}`, atMs: facts.nowMs });
    }
    rounds.push(changes);
    open = keep(applied(open, changes), index);
    const keys = open.map(({ rule, subject }) => `${rule}|${subject}`);
    expect(new Set(keys).size, 'two open incidents of one subject and rule').toBe(keys.length);
  }
  return { told, rounds, open };
}

const fresh = (at = 0) => [node(1, [record(1, { lastHeartbeatAtSeconds: CHAIN_START + at })], [probe(1, 'ok')])];
const silentSince = (ago: number, at: number): StoredNode[] => [
  node(1, [record(1, { lastHeartbeatAtSeconds: CHAIN_START + at - ago })]),
];
const failing = (failingForSeconds: number, at: number, state: 'failing' | 'stale' = 'failing') =>
  status(state, { failingSinceMs: WALL_START_MS + (at - failingForSeconds) * 1000 });

const nodeAt = fc.record({
  beatAgo: fc.constantFrom(0, 500, 959, 961, 1_199, 1_201, 1_799, 1_801, 80_000, 90_000),
  enabled: fc.boolean(),
  pcrHash: fc.constantFrom(PCR, PCR, `0x${'cd'.repeat(32)}` as const),
  outcome: fc.constantFrom('ok', 'certificate-mismatch', 'timeout', 'unreachable', 'wrong-identity') as fc.Arbitrary<
    'ok' | 'certificate-mismatch' | 'timeout'
  >,
  streak: fc.integer({ min: 1, max: 3 }),
  listed: fc.constantFrom(true, true, true, false),
});

const story = fc
  .array(
    fc.record({
      stepSeconds: fc.integer({ min: 0, max: 200 }),
      source: fc.constantFrom('fresh', 'fresh', 'fresh', 'stale', 'failing', 'unknown', 'never') as fc.Arbitrary<
        'fresh' | 'stale' | 'failing' | 'unknown' | 'never'
      >,
      failingFor: fc.constantFrom(0, 299, 300, 4_000),
      pcrsKnown: fc.constantFrom(true, true, false),
      nodes: fc.tuple(nodeAt, nodeAt, nodeAt, nodeAt),
      together: fc.boolean(),
    }),
    { maxLength: 40 },
  )
  .map((steps) => {
    let at = 0;
    return steps.map(({ stepSeconds, source, failingFor, pcrsKnown, nodes, together }): Moment => {
      at += stepSeconds;
      return {
        at,
        source:
          source === 'never'
            ? null
            : status(source, {
                failingSinceMs: source === 'fresh' ? null : WALL_START_MS + (at - failingFor) * 1000,
              }),
        approvedPcrs: pcrsKnown ? [{ pcrHash: PCR, teeType: 0 }] : null,
        nodes: nodes.flatMap(({ beatAgo, enabled, pcrHash, outcome, streak, listed }, index) => {
          if (!listed) return [];
          // Often all nodes of the first owner share one fate.
          const ago = together && index < 3 ? nodes[0].beatAgo : beatAgo;
          const lastHeartbeatAtSeconds = CHAIN_START + at - ago;
          const owner = ownerOf(index < 3 ? 1 : 2);
          const asked = probe(index + 1, outcome, { streak, atMs: WALL_START_MS + at * 1000 });
          return [node(index + 1, [record(index + 1, { lastHeartbeatAtSeconds, enabled, pcrHash, owner })], [asked])];
        }),
      };
    });
  });

test('of one subject and rule: fired, changed any number of times, resolved, and then anew', () => {
  fc.assert(
    fc.property(story, (moments) => {
      const { told } = play(moments);
      for (const events of Map.groupBy(told, ({ rule, subject }) => `${rule}|${subject}`).values()) {
        expect(events.map(({ kind }) => kind[0]).join('')).toMatch(/^(fc*r)*(fc*)?$/);
      }
    }),
  );
});

test('a restart after any moment changes nothing that is told', () => {
  fc.assert(
    fc.property(story, fc.infiniteStream(fc.boolean()), (moments, restart) => {
      const reload = (open: StoredIncident[]): StoredIncident[] =>
        restart.next().value ? (JSON.parse(JSON.stringify(open)) as StoredIncident[]) : open;
      expect(play(moments, reload).told).toEqual(play(moments).told);
    }),
  );
});

test('while the registry is anything but fresh no node incident opens, changes or resolves', () => {
  fc.assert(
    fc.property(story, (moments) => {
      const { rounds } = play(moments);
      for (const [index, changes] of rounds.entries()) {
        if (moments[index]?.source?.state === 'fresh') continue;
        expect(changes.filter(({ incident }) => incident.rule !== 'source.registry')).toEqual([]);
      }
    }),
  );
});

test('asking twice at the same moment tells nothing more', () => {
  fc.assert(
    fc.property(story, (moments) => {
      const twice = moments.flatMap((moment) => [moment, moment]);
      expect(play(twice).told).toEqual(play(moments).told);
    }),
  );
});

test('what fires is told by severity: critical, then warning, then info; what is over comes after it', () => {
  fc.assert(
    fc.property(story, (moments) => {
      const order = ['critical', 'warning', 'info'];
      for (const changes of play(moments).rounds) {
        const ofNodes = changes.filter(({ incident, event }) => event && incident.nodeId !== null);
        const ranks = ofNodes.map(({ incident, event }) =>
          event?.kind === 'fired' ? order.indexOf(incident.severity) : order.length,
        );
        expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
      }
    }),
  );
});

test('a silent node is one incident: late, then missed, then expired, then back', () => {
  const { told } = play([
    { at: 0, nodes: silentSince(961, 0) },
    { at: 119, nodes: silentSince(1_080, 119) },
    { at: 120, nodes: silentSince(1_081, 120) },
    { at: 240, nodes: silentSince(1_201, 240) },
    { at: 840, nodes: silentSince(1_801, 840) },
    { at: 900, nodes: silentSince(5, 900) },
  ]);
  expect(told.map(({ at, rule, kind, level }) => [at, rule, kind, level])).toEqual([
    [120, 'node.heartbeat', 'fired', 'late'],
    [240, 'node.heartbeat', 'changed', 'missed'],
    [840, 'node.heartbeat', 'changed', 'expired'],
    [900, 'node.heartbeat', 'resolved', 'expired'],
  ]);
});

test('the registry unreadable for five minutes is one notice to all and to the admin, and one when it is back', () => {
  const ats = [0, 100, 299, 300, 400, 4_000];
  const moments = ats.map((at): Moment => ({ at, nodes: fresh(), source: failing(at, at) }));
  const { told, rounds } = play([...moments, { at: 4_060, nodes: fresh(4_060) }]);
  expect(told.map(({ at, rule, kind }) => [at, rule, kind])).toEqual([
    [300, 'source.registry', 'fired'],
    [4_060, 'source.registry', 'resolved'],
  ]);
  for (const { alsoTo, incident } of rounds.flat().filter(({ event }) => event)) {
    expect(alsoTo).toEqual([ADMIN]);
    // Of no node and of no owner: it concerns every subscriber.
    expect(incident).toMatchObject({ nodeId: null, owner: null, family: 'node' });
  }
});

test('a failure that ends within five minutes is told to nobody', () => {
  const { told, open } = play([
    { at: 0, nodes: fresh(), source: failing(0, 0) },
    { at: 299, nodes: fresh(), source: failing(299, 299) },
    { at: 300, nodes: fresh() },
  ]);
  expect([told, open]).toEqual([[], []]);
});

test('a chain that stands still is a failure as well', () => {
  const { told } = play([{ at: 0, nodes: fresh(), source: failing(300, 0, 'stale') }]);
  expect(told).toMatchObject([{ rule: 'source.registry', kind: 'fired' }]);
});

test('a node that fell silent while the registry could not be read is told of once it can', () => {
  const { told } = play([
    { at: 0, nodes: fresh() },
    { at: 1_700, nodes: silentSince(1_700, 1_700), source: failing(1_700, 1_700) },
    { at: 1_760, nodes: silentSince(1_760, 1_760) },
  ]);
  expect(told.map(({ rule, kind }) => `${rule} ${kind}`)).toEqual([
    'source.registry fired',
    // That it can be read again stands before what was read.
    'source.registry resolved',
    'node.heartbeat fired',
  ]);
});

test('a node that the registry no longer lists ends its incidents with that word', () => {
  const { rounds } = play([
    { at: 0, nodes: silentSince(1_300, 0) },
    { at: 10, nodes: [] },
  ]);
  expect(rounds[1]).toMatchObject([{ incident: { detail: { because: 'gone' } }, event: { kind: 'resolved' } }]);
});

test('facts that are not there say nothing about a node that was silent', () => {
  const { told, open } = play([
    { at: 0, nodes: silentSince(1_300, 0) },
    { at: 10, nodes: [], read: false },
  ]);
  expect(told.map(({ kind }) => kind)).toEqual(['fired']);
  expect(open).toHaveLength(1);
});

test('without an admin destination nobody is named besides the subscribers', () => {
  const changes = evaluate(factsAt({ at: 0, nodes: fresh(), source: failing(300, 0) }), [], RULES, null, new Map());
  expect(changes).toHaveLength(1);
  expect(changes[0]?.alsoTo).toBeUndefined();
});

/** Nodes of one owner, each silent for so long. */
const ofOneOwner = (at: number, agos: readonly number[]): Moment => ({
  at,
  nodes: agos.map((ago, index) =>
    node(index + 1, [record(index + 1, { owner: ownerOf(1), lastHeartbeatAtSeconds: CHAIN_START + at - ago })]),
  ),
});
const OWNER_KEY = `owner.down|owner:${ownerOf(1)}`;
const brief = (told: readonly Told[]) =>
  told.map(
    ({ rule, subject, kind, inhibitedBy }) => `${rule} ${subject.slice(0, 6)} ${kind}${inhibitedBy ? ' (quiet)' : ''}`,
  );

test('inhibition loses no state and no event: the others go the same way with and without it', () => {
  const without = RULES.filter(({ inhibits }) => inhibits === undefined);
  const others = (told: readonly Told[]) =>
    told.filter(({ rule }) => rule !== 'owner.down').map(({ inhibitedBy: _, ...rest }) => rest);
  fc.assert(
    fc.property(story, (moments) => {
      const loud = play(moments, undefined, without);
      const quiet = play(moments);
      expect(others(quiet.told).sort(byWords)).toEqual(others(loud.told).sort(byWords));
      const states = (open: readonly StoredIncident[]) =>
        open
          .filter(({ rule }) => rule !== 'owner.down')
          .map(({ rule, subject, state, level, firedAtMs }) => [rule, subject, state, level, firedAtMs])
          .sort(byWords);
      expect(states(quiet.open)).toEqual(states(loud.open));
    }),
    { numRuns: 300 },
  );
});

test('a firing heartbeat incident is marked exactly while its owner’s incident fires, and nothing else ever is', () => {
  fc.assert(
    fc.property(story, (moments) => {
      for (const moment of moments.keys()) {
        const { open } = play(moments.slice(0, moment + 1));
        const down = new Set(
          open.filter(({ rule, state }) => rule === 'owner.down' && state === 'firing').map((one) => one.owner),
        );
        for (const { rule, state, owner, inhibitedBy } of open) {
          const expected = rule === 'node.heartbeat' && state === 'firing' && down.has(owner);
          expect(inhibitedBy).toBe(expected ? `owner.down|owner:${owner}` : null);
        }
      }
    }),
    { numRuns: 40 },
  );
});

test('three nodes of an owner fall silent at once: one alert, and theirs are kept quiet in the same round', () => {
  const { told, open } = play([ofOneOwner(0, [1_300, 1_300, 1_900])]);
  expect(brief(told)).toEqual([
    'owner.down owner: fired',
    'node.heartbeat node:3 fired (quiet)',
    'node.heartbeat node:1 fired (quiet)',
    'node.heartbeat node:2 fired (quiet)',
  ]);
  expect(open.filter(({ inhibitedBy }) => inhibitedBy === OWNER_KEY)).toHaveLength(3);
});

test('nodes that were told one by one before are marked without another word', () => {
  const { rounds } = play([ofOneOwner(0, [1_300, 1_300, 10]), ofOneOwner(10, [1_310, 1_310, 1_201])]);
  const silent = rounds[1]?.filter(({ event }) => event === undefined) ?? [];
  expect(silent.map(({ incident }) => [incident.subject, incident.inhibitedBy])).toEqual([
    ['node:1', OWNER_KEY],
    ['node:2', OWNER_KEY],
  ]);
});

test('after the first beat it waits one interval for the others; who is silent then speaks for itself', () => {
  const { told, rounds, open } = play([
    ofOneOwner(0, [1_300, 1_300, 1_300]),
    ofOneOwner(100, [5, 1_400, 1_400]),
    ofOneOwner(600, [505, 5, 1_900]),
    ofOneOwner(999, [904, 404, 2_299]),
    ofOneOwner(1_000, [905, 405, 2_300]),
  ]);
  expect(brief(told.slice(4))).toEqual([
    'node.heartbeat node:1 resolved (quiet)',
    'node.heartbeat node:2 resolved (quiet)',
    'node.heartbeat node:3 changed (quiet)',
    'owner.down owner: resolved',
  ]);
  expect(told.at(-1)).toMatchObject({ at: 1_000, rule: 'owner.down', kind: 'resolved' });
  // The mark comes off without an event: the store tells those who were not told.
  expect(rounds[4]?.at(-1)).toMatchObject({ incident: { subject: 'node:3', inhibitedBy: null, state: 'firing' } });
  expect(rounds[4]?.at(-1)?.event).toBeUndefined();
  expect(open.map(({ subject, inhibitedBy }) => [subject, inhibitedBy])).toEqual([['node:3', null]]);
});

test('all of them back at once ends it at once', () => {
  const { told } = play([ofOneOwner(0, [1_300, 1_300, 1_300]), ofOneOwner(60, [1, 2, 3])]);
  expect(told.filter(({ rule }) => rule === 'owner.down').map(({ at, kind }) => [at, kind])).toEqual([
    [0, 'fired'],
    [60, 'resolved'],
  ]);
});

test('an owner that is down hides no critical alert of another kind', () => {
  const nodes = [1, 2, 3].map((index) =>
    node(
      index,
      [record(index, { owner: ownerOf(1), lastHeartbeatAtSeconds: CHAIN_START - 1_900 })],
      [probe(index, 'certificate-mismatch', { streak: 2 })],
    ),
  );
  const { told } = play([{ at: 0, nodes }]);
  const certificates = told.filter(({ rule }) => rule === 'node.certificate');
  expect(certificates.map(({ inhibitedBy }) => inhibitedBy)).toEqual([null, null, null]);
});

test('a node that fires again and again within the hour ends as one unstable incident', () => {
  const turns = Array.from({ length: 12 }, (_, index) => [
    {
      at: index * 100,
      nodes: [node(1, [record(1, { enabled: false, lastHeartbeatAtSeconds: CHAIN_START + index * 100 })])],
    },
    { at: index * 100 + 50, nodes: fresh(index * 100 + 50) },
  ]).flat();
  const { told, rounds, open } = play(turns);
  expect(told.map(({ kind }) => kind[0]).join('')).toBe('frfrfrf');
  const last = rounds.flat().findLast(({ event }) => event)?.event?.view;
  expect(last?.title).toMatch(/^Unstable: Node disabled: /);
  expect(last?.headline).toBe('Unstable: Node disabled');
  expect(wordsOf(last?.lines)).toContain('fired or cleared 7 times within an hour');
  expect(open).toMatchObject([{ unstable: true, state: 'firing' }]);
});

function byWords(a: unknown, b: unknown): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}
