import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { SetMember, SetMetrics, SetReading } from '../../src/lib/influence.ts';
import type { Store } from '../../src/store/store.ts';
import { type DatabaseRig, DIALECTS, startDatabases } from '../rigs/store.ts';

const SET = 'bedrock.power';
const at = (day: string, time = '12:00'): number => Date.parse(`${day}T${time}:00Z`);
const daysAfter = (day: string, days: number): string =>
  new Date(at(day) + days * 86_400_000).toISOString().slice(0, 10);

const members = (count: number): SetMember[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `0x${(index + 1).toString(16).padStart(40, '0')}`,
    label: index % 2 === 0 ? `"others": ${index} ✓` : `0x${(index + 1).toString(16).padStart(40, '0')}`,
    weight: 10n ** 30n - BigInt(index),
  }));

const reading = (more: Partial<SetReading> = {}): SetReading => ({
  set: SET,
  network: 'bedrock',
  kind: 'power',
  unit: { symbol: 'BR', decimals: 18 },
  atSeconds: 1_000,
  members: members(3),
  left: ['3 exiting locks, "others":'],
  words: 'vote escrow 0xe978… on chain 56',
  ...more,
});

const metrics = (count: number): SetMetrics => ({
  count,
  total: String(10n ** 30n * BigInt(count)),
  nakamotoThird: 1,
  nakamotoHalf: 2,
  nakamotoTwoThirds: 3,
  gini: 0.25,
  hhi: 3_333.5,
  effective: 3,
  theil: 0.1,
  entropy: null,
  top1: 0.5,
  top5: 1,
  top10: 1,
});

describe.each(DIALECTS)('sets on %s', (dialect) => {
  let rig: DatabaseRig;
  let store: Store;
  let url: string;
  beforeAll(async () => {
    rig = await startDatabases(dialect);
  });
  afterAll(() => rig.close());
  beforeEach(async () => {
    url = await rig.emptyDatabase();
    store = await rig.open(url);
  });
  const save = (day: string, count: number, more: Partial<SetReading> = {}, time = '12:00') =>
    store.sets.save(reading(more), metrics(count), at(day, time));

  test('nothing was read, and nothing is known', async () => {
    expect(await store.sets.known()).toEqual([]);
    expect(await store.sets.latest(SET)).toBeNull();
    expect(await store.sets.days(SET, '2026-01-01', '2026-12-31')).toEqual([]);
    expect(await store.sets.members(SET, '2026-01-01')).toBeNull();
    expect(await store.sets.shifts()).toEqual([]);
  });

  test('a day is opened by its first reading, and every one is its latest', async () => {
    await save('2026-03-01', 1, {}, '00:00');
    await save('2026-03-01', 2, {}, '11:00');
    await save('2026-03-01', 3, { atSeconds: 3_000, left: ['new'], members: members(2) }, '23:59');
    const { left: _, ...about } = { ...reading({ atSeconds: 3_000 }) };
    expect(await store.sets.latest(SET)).toEqual({
      set: SET,
      day: '2026-03-01',
      openAtMs: at('2026-03-01', '00:00'),
      readAtMs: at('2026-03-01', '23:59'),
      opening: metrics(1),
      latest: metrics(3),
      about: { unit: about.unit, atSeconds: 3_000, left: ['new'], words: about.words },
    });
    expect(await store.sets.members(SET, '2026-03-01')).toEqual({
      members: members(2),
      others: { count: 0, weight: 0n },
    });
    await save('2026-03-02', 4, {}, '00:00');
    expect(await store.sets.latest(SET)).toMatchObject({ day: '2026-03-02', opening: metrics(4), latest: metrics(4) });
    expect(await store.sets.latest('other')).toBeNull();
  });

  test('an empty set that was read is a day with nobody', async () => {
    const nobody = { ...metrics(0), nakamotoThird: null, gini: null, hhi: null, top1: null };
    await store.sets.save(reading({ members: [] }), nobody, at('2026-03-01'));
    expect((await store.sets.latest(SET))?.latest).toEqual(nobody);
    expect(await store.sets.members(SET, '2026-03-01')).toMatchObject({ members: [] });
  });

  test('days of one set, oldest first, both ends among them', async () => {
    for (const day of ['2026-03-05', '2026-03-01', '2026-03-03', '2026-02-28']) await save(day, 1);
    await save('2026-03-02', 1, { set: 'lido.power' });
    const days = await store.sets.days(SET, '2026-03-01', '2026-03-05');
    expect(days.map(({ day }) => day)).toEqual(['2026-03-01', '2026-03-03', '2026-03-05']);
    expect(await store.sets.known()).toEqual([SET, 'lido.power']);
  });

  test('of a day that is older than 35 days the first hundred stay, and what the others were', async () => {
    const many = members(250);
    await save('2026-01-01', 250, { members: many });
    await save('2026-01-02', 250, { members: many });
    await save('2026-01-02', 250, { members: many, set: 'lido.power' });
    await save(daysAfter('2026-01-01', 35), 1);
    expect((await store.sets.members(SET, '2026-01-01'))?.members).toEqual(many);
    await save(daysAfter('2026-01-01', 36), 1);
    const others = { count: 150, weight: many.slice(100).reduce((sum, { weight }) => sum + weight, 0n) };
    expect(await store.sets.members(SET, '2026-01-01')).toEqual({ members: many.slice(0, 100), others });
    expect((await store.sets.members(SET, '2026-01-02'))?.members).toEqual(many);
    // A bot that was away for long catches up, and does nothing twice.
    for (const after of [80, 81]) {
      await save(daysAfter('2026-01-01', after), 1);
      for (const day of ['2026-01-01', '2026-01-02']) {
        expect(await store.sets.members(SET, day)).toEqual({ members: many.slice(0, 100), others });
      }
    }
    expect((await store.sets.members('lido.power', '2026-01-02'))?.members).toEqual(many);
    expect((await store.sets.days(SET, '2026-01-01', '2026-01-01'))[0]?.about).toEqual({
      unit: reading().unit,
      atSeconds: 1_000,
      left: reading().left,
      words: reading().words,
    });
  });

  test('a day is kept for 800 days', async () => {
    await save('2025-01-01', 1);
    await save('2025-01-02', 1);
    await store.history.purge(at(daysAfter('2025-01-02', 800)));
    expect((await store.sets.days(SET, '2025-01-01', '2027-12-31')).map(({ day }) => day)).toEqual(['2025-01-02']);
  });

  describe('shifts', () => {
    test('are the newest day, the one before it, and the newest of a week ago or more', async () => {
      for (const day of ['2026-03-01', '2026-03-02', '2026-03-04', '2026-03-09']) await save(day, 1);
      await save('2026-03-09', 1, { set: 'lido.power' });
      const shown = (await store.sets.shifts()).map(({ set, today, before, weekAgo }) => [
        set,
        today.day,
        before?.day ?? null,
        weekAgo?.day ?? null,
      ]);
      expect(shown).toEqual([
        [SET, '2026-03-09', '2026-03-04', '2026-03-02'],
        ['lido.power', '2026-03-09', null, null],
      ]);
    });

    test('of a set that is saved are other ones, of another the same, and a new set is among them', async () => {
      await save('2026-11-01', 1);
      await save('2026-11-01', 1, { set: 'lido.power' });
      const [ours, theirs] = await store.sets.shifts();
      await save('2026-11-02', 2);
      await save('2026-11-02', 3, { set: 'curve.power' });
      const after = await store.sets.shifts();
      expect(after.map(({ set, today }) => [set, today.day])).toEqual([
        [SET, '2026-11-02'],
        ['curve.power', '2026-11-02'],
        ['lido.power', '2026-11-01'],
      ]);
      expect([after[0] === ours, after[2] === theirs]).toEqual([false, true]);
    });

    test('come from memory until something is saved', async () => {
      await save('2026-03-01', 1);
      const first = await store.sets.shifts();
      expect(await store.sets.shifts()).toBe(first);
      await save('2026-03-01', 2);
      expect((await store.sets.shifts())[0]?.today.latest.count).toBe(2);
    });
  });

  test('days are answered without their members, however many these are', async () => {
    await save('2026-03-01', 1);
    await rig.query(url, `UPDATE "SetDay" SET "members" = ${dialect === 'sqlite' ? "x'00'" : "'\\x00'::bytea"}`);
    const other = await rig.open(url);
    expect(await other.sets.days(SET, '2026-03-01', '2026-03-01')).toMatchObject([{ latest: { count: 1 } }]);
    expect(await other.sets.shifts()).toHaveLength(1);
    await expect(other.sets.members(SET, '2026-03-01')).rejects.toThrow();
  });
});
