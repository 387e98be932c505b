import fc from 'fast-check';
import { expect, test } from 'vitest';
import { evaluate } from '../../../src/alerts/evaluate.ts';
import { isNews } from '../../../src/alerts/news.ts';
import { createRules } from '../../../src/alerts/registry.ts';
import { defaultThresholds } from '../../../src/insight/nodeHealth.ts';
import { HUB_SOURCE } from '../../../src/lib/modelFacts.ts';
import { SETTLEMENT_SOURCE } from '../../../src/lib/proofFacts.ts';
import type { StoredIncident } from '../../../src/store/store.ts';
import {
  applied,
  blobIdOf,
  CHAIN_START,
  factsAt,
  type Moment,
  ownerOf,
  published,
  settlement,
  WALL_START_MS,
  watch,
} from '../facts.ts';

const RULES = createRules({ thresholds: defaultThresholds, sourceNoticeAfterMs: 300_000 });
const DAY = 86_400;

/** What happens in one life: when each upload, fault, stranger and followed answer comes and goes. Seconds since the start. */
const life = fc.record({
  uploads: fc.array(fc.record({ at: fc.nat(20_000), takes: fc.nat(40_000), isFollowed: fc.boolean() }), {
    maxLength: 40,
  }),
  versions: fc.array(fc.nat(40_000), { maxLength: 6 }),
  faults: fc.array(fc.record({ at: fc.nat(40_000), isForged: fc.boolean() }), { maxLength: 30 }),
  strangers: fc.array(fc.nat(40_000), { maxLength: 15 }),
  watches: fc.array(
    fc.record({
      at: fc.nat(20_000),
      takes: fc.nat(8_000),
      end: fc.constantFrom('settled' as const, 'invalid' as const, 'failed' as const, 'expired' as const),
      mode: fc.constantFrom('batch' as const, 'individual' as const),
    }),
    { maxLength: 6 },
  ),
});
type Life = typeof life extends fc.Arbitrary<infer T> ? T : never;

/** When this bot looks, and what it can see then. */
const looks = fc.array(
  fc.record({
    after: fc.integer({ min: 1, max: 3_000 }),
    hub: fc.constantFrom('fresh' as const, 'fresh' as const, 'failing' as const),
    settlements: fc.constantFrom('fresh' as const, 'fresh' as const, 'failing' as const),
    read: fc.constantFrom(true, true, true, false),
  }),
  { minLength: 5, maxLength: 60 },
);

const within = (at: number, happened: number): boolean => happened <= at && at - happened <= DAY;

/** The facts that the store would have at a moment of that life. */
function seenAt(
  at: number,
  { uploads, versions, faults, strangers, watches }: Life,
): Pick<Moment, 'models' | 'proofs'> {
  const ms = (seconds: number): number => WALL_START_MS + seconds * 1000;
  const waiting = uploads.flatMap(({ at: stored, takes, isFollowed }, index) =>
    stored <= at && stored + takes > at
      ? [{ blobId: blobIdOf(index), storedAtMs: ms(stored), storage: 'readable' as const, isFollowed }]
      : [],
  );
  const listed = uploads.flatMap(({ at: stored, takes }, index) =>
    within(at, stored + takes)
      ? [{ ...published(`m${index}`), blobId: blobIdOf(index), atMs: ms(stored + takes), waitSeconds: takes }]
      : [],
  );
  return {
    models: {
      ...{ waiting, waitingCount: waiting.length, listed },
      versions: versions.flatMap((happened, index) =>
        within(at, happened)
          ? [{ ...published('v'), version: `1.${index}`, atMs: ms(happened), isFirst: index === 0 }]
          : [],
      ),
    },
    proofs: {
      faults: faults.flatMap(({ at: happened, isForged }, index) =>
        within(at, happened)
          ? [
              settlement(index, {
                decidedAtMs: ms(happened),
                ...(isForged
                  ? { counts: { ...settlement(index).counts, 'bad-signature': 1 } }
                  : { state: 'root-mismatch' as const }),
              }),
            ]
          : [],
      ),
      newParties: strangers.flatMap((happened, index) =>
        within(at, happened)
          ? [
              {
                ...{ address: ownerOf(index), kind: 'sender' as const, firstSeenAtSeconds: CHAIN_START + happened },
                ...{ firstSeenAtMs: ms(happened), lastSeenAtSeconds: CHAIN_START + at, events: at, atFirst: false },
              },
            ]
          : [],
      ),
      watches: watches.flatMap(({ at: asked, takes, end, mode }, index) => {
        if (asked > at) return [];
        const signed = { signedAtSeconds: CHAIN_START + asked, createdAtSeconds: CHAIN_START + asked };
        if (asked + takes > at) return [watch(index + 1, signed)];
        return within(at, asked + takes)
          ? [watch(index + 1, { ...signed, state: end, mode, delaySeconds: takes })]
          : [];
      }),
    },
  };
}

test('over any life, outage and restart nothing is told twice, and every fire is of something that was not on', () => {
  let fires = 0;
  fc.assert(
    fc.property(life, looks, (one, many) => {
      let open: StoredIncident[] = [];
      let at = 0;
      const last = new Map<string, string>();
      const fired = new Map<string, number>();
      for (const { after, hub, settlements, read } of many) {
        at += after;
        const states = { [HUB_SOURCE]: { state: hub }, [SETTLEMENT_SOURCE]: { state: settlements } };
        const facts = factsAt({ at, nodes: [], ...(read ? seenAt(at, one) : {}), states });
        const changes = evaluate(facts, open, RULES, null, new Map());
        for (const { incident, event } of changes) {
          const key = `${incident.rule}|${incident.subject}`;
          if (incident.state === 'resolved') last.delete(key);
          if (event === undefined) continue;
          const said = `${event.kind} ${incident.level}`;
          expect(last.get(key), key).not.toBe(said);
          if (event.kind === 'fired') {
            expect(last.has(key), `${key} was on`).toBe(false);
            fired.set(key, (fired.get(key) ?? 0) + 1);
            fires += 1;
          }
          if (event.kind !== 'resolved') last.set(key, said.replace('changed', 'fired'));
          expect(JSON.stringify(event.view).length).toBeLessThan(4_000);
        }
        open = applied(open, changes);
        const keys = open.map(({ rule, subject }) => `${rule}|${subject}`);
        expect(new Set(keys).size).toBe(keys.length);
      }
      for (const [key, times] of fired) {
        const [rule = '', subject = ''] = key.split('|');
        // What is of one thing that happened once; crowds, silences and sources come and go.
        const isOnce =
          isNews({ rule }) ||
          rule.startsWith('watch.') ||
          subject.startsWith('settlement:') ||
          (rule === 'model.late' && subject !== 'queue');
        if (isOnce) expect(times, key).toBe(1);
      }
    }),
    { numRuns: 150 },
  );
  expect(fires).toBeGreaterThan(500);
});
