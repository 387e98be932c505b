import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type GaugeBook, readGauges } from '../../src/alerts/gaugeBook.ts';
import { GaugeReplay } from '../../src/insight/gaugeReplay.ts';
import type { GaugeEvent } from '../../src/lib/gaugeFacts.ts';
import { knownFromKey } from '../../src/lib/proofFacts.ts';
import { openStore } from '../../src/store/openStore.ts';
import { type TemporaryStore, temporaryStore } from '../rigs/store.ts';
import { GAUGE_CURSOR, gaugeReading, minted, SOURCE, VOTER, voted, WEI } from '../store/gaugeSample.ts';
import { block, cursor, hex } from '../store/sample.ts';

const [A, B, G] = [hex(0xa1, 20), hex(0xa2, 20), hex(0x61, 20)];

let temporary: TemporaryStore;
beforeEach(async () => {
  temporary = await temporaryStore();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await temporary.cleanup();
});

/** The clock by which a book looks again; it stands still unless a test says so. */
let nowMs = 0;
const read = () => readGauges(temporary.store, SOURCE, nowMs);
const save = (events: GaugeEvent[]) =>
  temporary.store.gauges.saveEvents(
    SOURCE,
    events,
    cursor(Math.max(...events.map((event) => Number(event.blockNumber))), GAUGE_CURSOR),
  );
const standing = (book: GaugeBook | null): Record<string, bigint> =>
  Object.fromEntries([...(book?.state.standing ?? [])].map(([id, votes]) => [id, votes.get(G)?.powerWei ?? 0n]));

describe('the book of a gauge source', () => {
  test('is there once its contracts were read', async () => {
    await save([minted(900, 1n, A), voted(950, 1n, G, WEI)]);
    expect(await read()).toBeNull();
    await temporary.store.gauges.saveReading(gaugeReading(), 5);
    const book = await read();
    expect(book).toMatchObject({ source: SOURCE, reading: { readAtMs: 5 }, completeSinceSeconds: null });
    expect(book?.eligible).toMatchObject([{ epoch: 7, powerWei: 10n * WEI }]);
    expect(standing(book)).toEqual({ 1: WEI });
    expect(book?.state.owners.get('1')).toBe(A);
  });

  test('says since when the logs are known', async () => {
    await temporary.store.meta.set(knownFromKey(GAUGE_CURSOR), '');
    await temporary.store.gauges.saveReading(gaugeReading(), 5);
    expect((await read())?.completeSinceSeconds).toBeNull();
    await temporary.store.meta.set(knownFromKey(GAUGE_CURSOR), '880');
    await temporary.store.gauges.saveReading(gaugeReading(), 6);
    expect((await read())?.completeSinceSeconds).toBe(880);
  });

  test('stays the same book when another look finds nothing new, and is another one when it does', async () => {
    await save([minted(900, 1n, A)]);
    await temporary.store.gauges.saveReading(gaugeReading(), 5);
    const first = await read();
    nowMs += 11_000;
    expect(await read()).toBe(first);
    await temporary.store.meta.set(knownFromKey(GAUGE_CURSOR), '880');
    nowMs += 11_000;
    const known = await read();
    expect([known?.completeSinceSeconds, known === first]).toEqual([880, false]);
    await save([voted(950, 1n, G, WEI)]);
    expect(await read()).not.toBe(known);
  });

  test('is the same while nothing was written, and goes on from where it was', async () => {
    await save([minted(900, 1n, A), voted(950, 1n, G, WEI)]);
    await temporary.store.gauges.saveReading(gaugeReading(), 5);
    const events = vi.spyOn(temporary.store.gauges, 'events');
    const first = await read();
    expect(await read()).toBe(first);
    expect(events).toHaveBeenCalledTimes(1);
    await save([minted(960, 2n, B), voted(970, 2n, G, 3n * WEI)]);
    expect(standing(await read())).toEqual({ 1: WEI, 2: 3n * WEI });
    expect(events.mock.calls.map(([, afterId]) => afterId)).toEqual([0, 2]);
  });

  test('is made anew when the chain took blocks back, and when an older contract’s logs are found', async () => {
    await save([minted(900, 1n, A), minted(901, 2n, B), voted(950, 1n, G, WEI), voted(960, 2n, G, WEI)]);
    await temporary.store.gauges.saveReading(gaugeReading(), 5);
    expect(standing(await read())).toEqual({ 1: WEI, 2: WEI });
    await temporary.store.gauges.rewind(SOURCE, GAUGE_CURSOR, block(955));
    expect(standing(await read())).toEqual({ 1: WEI });
    await save([voted(940, 2n, G, 2n * WEI)]);
    expect(standing(await read())).toEqual({ 1: WEI, 2: 2n * WEI });
  });

  test('counts the votes of the voter that the escrow names', async () => {
    const next = hex(0x71, 20);
    await save([voted(950, 1n, G, WEI), { ...voted(960, 2n, G, WEI), emitter: next }]);
    await temporary.store.gauges.saveReading(gaugeReading(), 5);
    expect(standing(await read())).toEqual({ 1: WEI });
    await temporary.store.gauges.saveReading(gaugeReading({ contracts: { voter: next } }), 6);
    expect(standing(await read())).toEqual({ 2: WEI });
    expect(VOTER).not.toBe(next);
  });

  test('begins a season by the time of the reading, without any log', async () => {
    await save([
      voted(950, 1n, G, WEI),
      { ...minted(960, 9n, A), kind: 'season-started', season: 3, atSeconds: 1_200, tokenId: null },
    ]);
    await temporary.store.gauges.saveReading(gaugeReading(), 5);
    expect(standing(await read())).toEqual({ 1: WEI });
    await temporary.store.gauges.saveReading(gaugeReading({ block: block(1_200) }), 6);
    expect(standing(await read())).toEqual({});
  });

  test('notices after ten seconds what another process wrote', async () => {
    await temporary.store.gauges.saveReading(gaugeReading(), 5);
    expect(standing(await read())).toEqual({});
    const other = await openStore({ databaseUrl: temporary.url });
    await other.gauges.saveEvents(SOURCE, [voted(950, 1n, G, WEI)], cursor(950, GAUGE_CURSOR));
    await other.gauges.saveReading(gaugeReading({ totalCastWei: 9n }), 7);
    await other.close();
    nowMs += 9_999;
    expect(standing(await read())).toEqual({});
    nowMs += 1;
    expect(standing(await read())).toEqual({ 1: WEI });
    expect((await read())?.reading.totalCastWei).toBe(9n);
  });

  test('is read once for all who ask at the same time, in portions between which others go on', async () => {
    const many = Array.from({ length: 12_000 }, (_, at) => voted(1_000 + at, BigInt(at % 50), G, BigInt(at + 1)));
    await save(many);
    await temporary.store.gauges.saveReading(gaugeReading({ block: block(20_000) }), 5);
    const events = vi.spyOn(temporary.store.gauges, 'events');
    let turns = 0;
    const others = setInterval(() => (turns += 1), 0);
    const [first, second] = await Promise.all([read(), read()]);
    clearInterval(others);
    expect(second).toBe(first);
    // Page by page, none of them twice.
    expect(new Set(events.mock.calls.map(([, afterId]) => afterId)).size).toBe(events.mock.calls.length);
    expect(events.mock.calls.length).toBeGreaterThan(2);
    expect(turns).toBeGreaterThan(5);
    const replay = new GaugeReplay(VOTER);
    replay.apply(many);
    expect(standing(first)).toEqual(
      Object.fromEntries([...replay.state.standing].map(([id, votes]) => [id, votes.get(G)?.powerWei])),
    );
  });

  test('that could not be read is read when it is asked for again', async () => {
    await save([voted(950, 1n, G, WEI)]);
    await temporary.store.gauges.saveReading(gaugeReading(), 5);
    vi.spyOn(temporary.store.gauges, 'events').mockRejectedValueOnce(new Error('the disk is gone'));
    await expect(read()).rejects.toThrow('the disk is gone');
    expect(standing(await read())).toEqual({ 1: WEI });
  });
});
