import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ValidatorReading } from '../../src/lib/governanceFacts.ts';
import type { Store } from '../../src/store/store.ts';
import { type DatabaseRig, DIALECTS, startDatabases } from '../rigs/store.ts';
import { VALIDATORS, validator, voter } from './governanceSample.ts';

describe.each(DIALECTS)('validators on %s', (dialect) => {
  let rig: DatabaseRig;
  let store: Store;
  beforeAll(async () => {
    rig = await startDatabases(dialect);
  });
  afterAll(() => rig.close());
  beforeEach(async () => {
    store = await rig.open();
  });

  const save = (atMs: number, readings: ValidatorReading[], source = VALIDATORS) =>
    store.governance.saveValidators({ source, readings, clockSeconds: Math.floor(atMs / 1000), nowMs: atMs });
  const find = async (id: number, source = VALIDATORS) => {
    const found = (await store.governance.validators(source)).find(({ address }) => address === voter(id));
    if (found === undefined) throw new Error(`no validator ${id}`);
    return found;
  };

  test('what is read is what is stored, the mightiest first; those of the first list are no news', async () => {
    const some = [
      validator(1),
      validator(2, { tokensWei: 10n ** 30n, startHeight: null, missedBlocks: null, consensus: null }),
      validator(3, { tokensWei: 9n, status: 'unbonding', tombstoned: true, jailed: true, jailedUntilSeconds: 2 ** 40 }),
    ];
    await save(1_000, some);
    await save(2_000, [...some, validator(4, { tokensWei: 0n })]);
    const fresh = {
      ...{ source: VALIDATORS, lastReadAtMs: 2_000, jailedAtMs: null, unjailedAtMs: null, goneAtMs: null },
      ...{ returnedAtMs: null, previousTokensWei: null, powerChangedAtMs: null },
    };
    const [one, two, three] = some;
    expect(await store.governance.validators(VALIDATORS)).toEqual([
      { ...two, ...fresh, atFirst: true, firstSeenAtMs: 1_000 },
      { ...one, ...fresh, atFirst: true, firstSeenAtMs: 1_000 },
      { ...three, ...fresh, atFirst: true, firstSeenAtMs: 1_000 },
      { ...validator(4, { tokensWei: 0n }), ...fresh, atFirst: false, firstSeenAtMs: 2_000 },
    ]);
    expect(await store.governance.validators('other.validators')).toEqual([]);
    expect(await store.governance.read()).toEqual([{ source: VALIDATORS, readAtMs: 2_000, clockSeconds: 2 }]);
  });

  test('one address is one validator, however it is written and however often', async () => {
    const loud = voter(0xab).replace('ab', 'AB') as ValidatorReading['address'];
    await save(1_000, [validator(0xab), validator(0xab, { address: loud, moniker: 'last' })]);
    await save(1_000, [validator(0xab)], 'other.validators');
    expect(await store.governance.validators(VALIDATORS)).toMatchObject([{ address: voter(0xab), moniker: 'last' }]);
    expect(await store.governance.validators('other.validators')).toHaveLength(1);
  });

  test('an empty list says nothing, not even that the source was read', async () => {
    await save(1_000, []);
    expect(await store.governance.read()).toEqual([]);
    await save(2_000, [validator(1)]);
    expect((await find(1)).atFirst).toBe(true);
    const before = await find(1);
    await save(3_000, []);
    await save(4_000, []);
    expect(await find(1)).toEqual(before);
    expect(await store.governance.read()).toMatchObject([{ readAtMs: 2_000 }]);
  });

  test('one that two lists in a row lack has left, since the second; one list is not enough', async () => {
    const all = [validator(1), validator(2)];
    const gone = async () => (await find(2)).goneAtMs;
    await save(1_000, all);
    await save(2_000, all.slice(0, 1));
    expect(await gone()).toBe(null);
    await save(3_000, all);
    await save(4_000, all.slice(0, 1));
    // An empty list between, and the same list again, are no second word.
    await save(5_000, []);
    await save(4_000, all.slice(0, 1));
    expect(await gone()).toBe(null);
    await save(6_000, all.slice(0, 1));
    expect(await find(2)).toMatchObject({ goneAtMs: 6_000, lastReadAtMs: 3_000, returnedAtMs: null });
    await save(7_000, all.slice(0, 1));
    expect(await gone()).toBe(6_000);
  });

  test('one that left and is back is the same one, back since then; it may leave again', async () => {
    const all = [validator(1), validator(2)];
    await save(1_000, all);
    for (const at of [2_000, 3_000]) await save(at, all.slice(0, 1));
    await save(4_000, all);
    await save(5_000, all);
    expect(await find(2)).toMatchObject({ goneAtMs: null, returnedAtMs: 4_000, firstSeenAtMs: 1_000, atFirst: true });
    await save(6_000, all.slice(0, 1));
    expect((await find(2)).goneAtMs).toBe(null);
    await save(7_000, all.slice(0, 1));
    expect(await find(2)).toMatchObject({ goneAtMs: 7_000, returnedAtMs: 4_000 });
  });

  test('jailed and unjailed, each with its moment; of what was jailed at first the moment is not known', async () => {
    const says = async (at: number, one: boolean, two: boolean) => {
      await save(at, [validator(1, { jailed: one }), validator(2, { jailed: two })]);
      return [await find(1), await find(2)].map(({ jailedAtMs, unjailedAtMs }) => [jailedAtMs, unjailedAtMs]);
    };
    expect(await says(1_000, false, true)).toEqual([
      [null, null],
      [null, null],
    ]);
    await says(2_000, true, true);
    expect(await says(3_000, true, false)).toEqual([
      [2_000, null],
      [null, 3_000],
    ]);
    expect(await says(4_000, false, true)).toEqual([
      [2_000, 4_000],
      [4_000, 3_000],
    ]);
    await save(5_000, [validator(1), validator(2, { jailed: true }), validator(3, { jailed: true })]);
    expect(await find(3)).toMatchObject({ atFirst: false, jailedAtMs: 5_000 });
  });

  test('a change of power keeps the one before', async () => {
    const power = (tokensWei: bigint) => validator(1, { tokensWei });
    await save(1_000, [power(5n)]);
    await save(2_000, [power(5n)]);
    expect(await find(1)).toMatchObject({ previousTokensWei: null, powerChangedAtMs: null });
    await save(3_000, [power(10n ** 24n)]);
    await save(4_000, [power(10n ** 24n)]);
    expect(await find(1)).toMatchObject({ tokensWei: 10n ** 24n, previousTokensWei: 5n, powerChangedAtMs: 3_000 });
    await save(5_000, [power(0n)]);
    expect(await find(1)).toMatchObject({ previousTokensWei: 10n ** 24n, powerChangedAtMs: 5_000 });
  });

  test('a key that could not be read is the one that is known; a signing record that could not is not', async () => {
    await save(1_000, [validator(1)]);
    await save(2_000, [validator(1, { consensus: null, missedBlocks: null })]);
    expect(await find(1)).toMatchObject({ consensus: validator(1).consensus, missedBlocks: null });
  });
});
