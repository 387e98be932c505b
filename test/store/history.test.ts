import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { uptime } from '../../src/insight/uptime.ts';
import type { ProposalReading } from '../../src/lib/governanceFacts.ts';
import { addValue, MAX_RELATIVE_ERROR, quantile } from '../../src/lib/histogram.ts';
import type { HourRollup, Store, StoredIncident } from '../../src/store/store.ts';
import { type DatabaseRig, DIALECTS, startDatabases } from '../rigs/store.ts';
import { proposal, vote } from './governanceSample.ts';
import { batch, leaf, verified } from './proofSample.ts';
import { ALERT, cursor, event, incident, probe, REGISTRY, record, snapshot, view } from './sample.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Not on an hour, so that a border off by one shows. */
const NOW = 500_000 * HOUR_MS + 1_234_567;
const THIS_HOUR = 500_000;

describe.each(DIALECTS)('history on %s', (dialect) => {
  let rig: DatabaseRig;
  let store: Store;
  let url: string;
  let ids: number[];
  beforeAll(async () => {
    rig = await startDatabases(dialect);
  });
  afterAll(() => rig.close());
  beforeEach(async () => {
    url = await rig.emptyDatabase();
    store = await rig.open(url);
    await store.nodes.saveSnapshot(snapshot([record(1), record(2)]), 1);
    const nodes = (await store.nodes.facts())?.nodes ?? [];
    ids = [record(1), record(2)].map(({ endpoint }) => nodes.find(({ key }) => key === endpoint)?.id ?? 0);
  });

  const hour = (nodeId: number, at: number, more: Partial<HourRollup> = {}): HourRollup => ({
    ...{ nodeId, hour: at, beats: 4, coveredSeconds: 3_600, activeSeconds: 3_600, probes: 60, reached: 60 },
    latencyHistogram: addValue(null, 50),
    ...more,
  });

  const hoursOf = (nodeId: number, fromHour = 0, toHour = 1e6) =>
    store.history.hours({ nodeIds: [nodeId], fromHour, toHour });

  test('a round of probes is in the hour, in the samples and as the newest', async () => {
    const bad = { outcome: 'timeout' as const, detail: 'no answer', latencyMs: null };
    await store.nodes.saveProbes([probe(1, NOW), probe(2, NOW, bad)]);
    await store.nodes.saveProbes([probe(1, NOW + 60_000), probe(2, NOW + 60_000, bad)]);
    expect(await hoursOf(ids[0] ?? 0)).toMatchObject([{ hour: THIS_HOUR, probes: 2, reached: 2, beats: 0 }]);
    expect(await hoursOf(ids[1] ?? 0)).toMatchObject([{ probes: 2, reached: 0, latencyHistogram: null }]);
    const nodes = (await (await rig.open(url)).nodes.facts())?.nodes ?? [];
    expect(nodes.find(({ id }) => id === ids[1])?.probes.get(record(2).teeId)).toEqual({
      ...probe(2, NOW + 60_000, bad),
      streak: 2,
      streakSinceMs: NOW,
    });
    expect(await rig.query(url, 'SELECT "outcome" FROM "ProbeSample"')).toHaveLength(4);
  });

  test('an endpoint that is not asked counts as the newest word, not as a probe', async () => {
    await store.nodes.saveProbes([probe(1, NOW, { outcome: 'not-asked', latencyMs: null })]);
    expect(await hoursOf(ids[0] ?? 0)).toEqual([]);
    expect(await rig.query(url, 'SELECT * FROM "ProbeSample"')).toEqual([]);
    expect((await store.nodes.facts())?.nodes.find(({ id }) => id === ids[0])?.probes.size).toBe(1);
  });

  test('a probe of a record that is not known is left out', async () => {
    await store.nodes.saveProbes([probe(77, NOW), probe(1, NOW)]);
    expect(await rig.query(url, 'SELECT * FROM "ProbeSample"')).toHaveLength(1);
  });

  test('a round that cannot be stored in full is not stored in part', async () => {
    await rig.query(url, 'ALTER TABLE "NodeHour" RENAME TO "Away"');
    await expect(store.nodes.saveProbes([probe(1, NOW)])).rejects.toThrow();
    expect(await rig.query(url, 'SELECT * FROM "ProbeSample"')).toEqual([]);
    expect(await rig.query(url, 'SELECT * FROM "ProbeLatest"')).toEqual([]);
  });

  test('roll-ups of probes do not depend on the order of the rounds, and hold their quantiles', async () => {
    const round = fc.record({
      at: fc.integer({ min: 0, max: 3 * HOUR_MS }),
      ok: fc.boolean(),
      latency: fc.integer({ min: 1, max: 5_000 }),
    });
    const rounds = fc.array(round, { minLength: 1, maxLength: 6 });
    const shuffled = rounds.chain((some) =>
      fc.tuple(fc.constant(some), fc.shuffledSubarray(some, { minLength: some.length })),
    );
    await fc.assert(
      fc.asyncProperty(shuffled, async ([some, other]) => {
        const sums: HourRollup[][] = [];
        for (const [at, order] of [some, other].entries()) {
          await rig.query(url, 'DELETE FROM "NodeHour"');
          for (const { at: ms, ok, latency } of order)
            await store.nodes.saveProbes([
              probe(at + 1, ms, ok ? { latencyMs: latency } : { outcome: 'unreachable', latencyMs: null }),
            ]);
          sums.push((await hoursOf(ids[at] ?? 0)).map((row) => ({ ...row, nodeId: 0 })));
        }
        expect(sums[0]).toEqual(sums[1]);
        const total = uptime(sums[0] ?? []);
        const latencies = some.filter(({ ok }) => ok).map(({ latency }) => latency);
        expect(total.probes).toBe(some.length);
        expect(total.reachedShare).toBeCloseTo(latencies.length / some.length);
        // The exact quantile by nearest rank.
        const exact = latencies.sort((a, b) => a - b)[Math.ceil(latencies.length / 2) - 1];
        if (exact === undefined) expect(total.latencyP50Ms).toBe(null);
        else expect(Math.abs((total.latencyP50Ms ?? 0) / exact - 1)).toBeLessThanOrEqual(MAX_RELATIVE_ERROR + 1e-9);
      }),
      { numRuns: 15 },
    );
  });

  test.each([
    ['24h', 24],
    ['7d', 168],
    ['30d', 720],
  ])('a window of %s has its hours and no others, by node and hour', async (_, count) => {
    const all = Array.from({ length: 800 }, (__, back) => THIS_HOUR - back);
    await store.history.addHours(all.flatMap((at) => ids.map((id) => hour(id, at))));
    const fromHour = THIS_HOUR - count + 1;
    const rows = await store.history.hours({ nodeIds: ids, fromHour, toHour: THIS_HOUR });
    const expected = [...ids]
      .sort((a, b) => a - b)
      .flatMap((id) => Array.from({ length: count }, (__, at) => hour(id, fromHour + at)));
    expect(rows).toEqual(expected);
    expect(await hoursOf(ids[0] ?? 0, fromHour, fromHour)).toHaveLength(1);
  });

  test('imported hours do not overwrite what is there', async () => {
    const id = ids[0] ?? 0;
    await store.history.addHours([hour(id, 5)]);
    await store.history.addHours([hour(id, 5, { beats: 9 }), hour(id, 6, { latencyHistogram: null })]);
    const rows = await hoursOf(id);
    expect(rows.map(({ hour: at, beats }) => [at, beats])).toEqual([
      [5, 4],
      [6, 4],
    ]);
    expect(rows[1]?.latencyHistogram).toBe(null);
    expect(quantile(rows[0]?.latencyHistogram ?? null, 0.5)).not.toBe(null);
  });

  test('samples go after 48 hours, heartbeats after 30 days, roll-ups after 400 days, and nothing else', async () => {
    const id = ids[0] ?? 0;
    const day30 = Math.floor((NOW - 30 * DAY_MS) / 1000);
    const events = [
      event('disabled', 1, day30 - 5_000),
      event('heartbeat', 1, day30 - 1),
      event('heartbeat', 1, day30 + 1),
    ];
    await store.nodes.saveEvents(REGISTRY, events, cursor(day30 + 1), 1_800);
    for (const at of [NOW - 2 * DAY_MS - 1, NOW - 2 * DAY_MS, NOW]) await store.nodes.saveProbes([probe(1, at)]);
    const border = THIS_HOUR - 400 * 24;
    await store.history.addHours([hour(id, border - 1), hour(id, border)]);
    await store.history.purge(NOW);
    expect((await store.nodes.events({ limit: 10 })).map((each) => each.blockTimestampSeconds)).toEqual([
      day30 + 1,
      day30 - 5_000,
    ]);
    const samples = await rig.query<{ atMs: bigint }>(url, 'SELECT "atMs" FROM "ProbeSample" ORDER BY "atMs"');
    expect(samples.map(({ atMs }) => Number(atMs))).toEqual([NOW - 2 * DAY_MS, NOW]);
    const kept = (await hoursOf(id)).map((row) => row.hour);
    expect(kept[0]).toBe(border);
    // The roll-ups of what was dropped stay.
    expect(kept).toContain(Math.floor((NOW - 2 * DAY_MS - 1) / HOUR_MS));
    expect(kept).toContain(Math.floor((day30 - 1) / 3_600));
    await store.history.purge(NOW);
    expect((await hoursOf(id)).map((row) => row.hour)).toEqual(kept);
  });

  test('of proofs, readings go after 48 hours, settlements with their leaves after 90 days, roll-ups and days after 400', async () => {
    const at = (days: number, extraSeconds = 0) => Math.floor(NOW / 1000 - days * 86_400) - extraSeconds;
    // More than go at a time.
    const old = Array.from({ length: 450 }, (_, logIndex) => batch(at(90, 1), { logIndex }));
    const events = [batch(at(401)), ...old, batch(at(90) + 1)];
    await store.proofs.saveEvents(events, cursor(at(0)), { nowMs: NOW, isFirstRead: false });
    const due = await store.proofs.due(1_000, NOW);
    await store.proofs.saveVerdicts(
      due.map(({ id, blockTimestampSeconds }) => ({
        settlementId: id,
        verdict: verified([leaf(id, blockTimestampSeconds)]),
      })),
      { nowMs: NOW, nodeOf: new Map() },
    );
    const reading = (ageMs: number) => ({ source: 'base' as const, atMs: NOW - ageMs, total: 1 });
    const day = (days: number) => ({
      ...{ day: new Date(NOW - days * DAY_MS).toISOString().slice(0, 10), requests: 1, costOpg: '1' },
      ...{ inputTokens: 1, outputTokens: 1, readAtMs: NOW },
    });
    await store.proofs.saveUsage([reading(2 * DAY_MS + 1), reading(2 * DAY_MS)], [day(401), day(400)]);
    for (const _ of ['once', 'again']) {
      await store.history.purge(NOW);
      expect(await store.proofs.countsByKind(0, 1e10)).toMatchObject([{ events: 1 }]);
      expect(await rig.query(url, 'SELECT "position" FROM "Leaf"')).toHaveLength(1);
      // What was made of them stays.
      const hours = await store.proofs.hours({ nodeId: 0, fromHour: 0, toHour: 1e6 });
      expect(hours.reduce((sum, { settled }) => sum + settled, 0)).toBe(451);
      expect(await rig.query(url, 'SELECT "total" FROM "UsageSample"')).toHaveLength(1);
      expect((await store.proofs.usageDays('')).map((row) => row.day)).toEqual([day(400).day]);
    }
  });

  test('proposals go with their votes 800 days after they were closed and named last, days of sets after 800 days', async () => {
    const source = 'opengradient.governance';
    const say = (days: number, readings: ProposalReading[], voters: number) =>
      store.governance.saveProposals({
        ...{ source, readings, clockSeconds: 5_000, nowMs: NOW - days * DAY_MS - 1 },
        votes: new Map(
          readings.map(({ ref }) => [
            ref,
            { votes: Array.from({ length: voters }, (_, at) => vote(at + 1)), isComplete: true },
          ]),
        ),
      });
    const closed = (ref: string) => proposal(ref, { status: 'passed' });
    // More than go at a time.
    const old = Array.from({ length: 45 }, (_, at) => closed(`old ${at}`));
    await say(800, [...old, closed('named'), proposal('open')], 3);
    await say(799, [closed('named'), closed('later')], 2);
    const day = (days: number) => new Date(NOW - days * DAY_MS).toISOString().slice(0, 10);
    for (const days of [801, 800, 0])
      await rig.query(
        url,
        `INSERT INTO "SetDay" ("set", "day", "openAtMs", "readAtMs", "opening", "latest", "about", "members")
          VALUES ('a.b', '${day(days)}', 1, 1, '{}', '{}', '{}', ${dialect === 'sqlite' ? `x'00'` : `'\\x00'`})`,
      );
    for (const _ of ['once', 'again']) {
      await store.history.purge(NOW);
      const kept = await rig.query<{ ref: string }>(url, 'SELECT "ref" FROM "Proposal" ORDER BY "ref"');
      expect(kept.map(({ ref }) => ref)).toEqual(['later', 'named', 'open']);
      expect(await rig.query(url, 'SELECT "voter" FROM "Vote"')).toHaveLength(8);
      const days = await rig.query<{ day: string }>(url, 'SELECT "day" FROM "SetDay" ORDER BY "day"');
      expect(days.map((row) => row.day)).toEqual([day(800), day(0)]);
    }
  });

  test('what has expired goes, digests after 30 days, and an incident with all about it after 400', async () => {
    const at = { platform: 'telegram', chatId: '1', threadId: null } as const;
    const place = { address: at, title: 'T', kind: 'group', nowMs: 1 } as const;
    const { subscription } = await store.subscriptions.add({
      ...place,
      ...{ family: 'node', scope: 'all', subject: '', createdBy: 'telegram:1' },
    });
    for (const [rule, untilMs] of [
      ['past', NOW],
      ['running', NOW + 1],
    ] as const)
      await store.subscriptions.mute({ ...place, mute: { rule, untilMs, by: 'Ada' } });
    await store.accounts.createCode('telegram:1', 'past', NOW);
    await store.accounts.createCode('telegram:2', 'running', NOW + 1);
    for (const age of [31, 29]) await store.deliveries.queue(subscription.destinationId, view('d'), NOW - age * DAY_MS);
    for (const [node, age] of [
      [1, 401],
      [2, 399],
    ] as const) {
      const firedAtMs = NOW - age * DAY_MS;
      await store.incidents.apply([{ incident: incident({ subject: `node:${node}` }), event: ALERT }], firedAtMs);
      const open = (await store.incidents.open())[0] as StoredIncident;
      const resolved = { ...open, state: 'resolved' as const, resolvedAtMs: firedAtMs };
      await store.incidents.apply([{ incident: resolved }], firedAtMs);
    }
    await store.history.purge(NOW);
    expect((await store.subscriptions.list(at)).mutes.map(({ rule }) => rule)).toEqual(['running']);
    expect(await rig.query(url, 'SELECT "hash" FROM "LinkCode"')).toEqual([{ hash: 'running' }]);
    expect(await rig.query(url, 'SELECT "id" FROM "Delivery"')).toHaveLength(1);
    expect(await rig.query(url, 'SELECT "id" FROM "Incident"')).toHaveLength(1);
    expect(await rig.query(url, 'SELECT "id" FROM "Notice"')).toHaveLength(1);
  });
});
