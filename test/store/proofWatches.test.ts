import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Hex } from '../../src/lib/facts.ts';
import type { CheckedLeaf, SettlementVerdict } from '../../src/lib/proofFacts.ts';
import type { Store } from '../../src/store/store.ts';
import { SubscriptionLimit } from '../../src/store/subscriptionLimit.ts';
import { type DatabaseRig, DIALECTS, startDatabases } from '../rigs/store.ts';
import { chat } from './fanOutRig.ts';
import { batch, individual, leaf, PROOF_CURSOR, verified } from './proofSample.ts';
import { block, cursor, hex } from './sample.ts';

const T = 3_600_000;
const NOW = 9_000_000;
const OPTIONS = { nowMs: NOW, isFirstRead: false };
const REQUEST = hex(0x1001);

describe.each(DIALECTS)('watches on %s', (dialect) => {
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
    await store.proofs.saveEvents([], cursor(1, PROOF_CURSOR), OPTIONS);
  });

  type Input = Parameters<Store['proofs']['watch']>[0];
  const follow = async (hash: Hex, more: Partial<Input> = {}, chatId = 'a') => {
    const answer = await store.proofs.watch({
      ...{
        kind: 'request',
        hash,
        signedAtSeconds: null,
        createdAtSeconds: T,
        mention: 'user:1',
        createdBy: 'telegram:1',
      },
      ...{ place: { address: chat(chatId), title: chatId, kind: 'group' }, maxWaiting: 3, nowMs: NOW },
      ...more,
    });
    if (answer === 'limit') throw new Error('limit');
    return answer;
  };
  const settle = async (event: ReturnType<typeof batch>, verdict: CheckedLeaf[] | SettlementVerdict | null) => {
    await store.proofs.saveEvents([event], cursor(Number(event.blockNumber), PROOF_CURSOR), OPTIONS);
    const stored = (await store.proofs.due(10, NOW)).find(({ blockNumber }) => blockNumber === event.blockNumber);
    if (verdict === null) return;
    const full = Array.isArray(verdict) ? verified(verdict) : verdict;
    await store.proofs.saveVerdicts([{ settlementId: stored?.id ?? 0, verdict: full }], {
      ...{ nowMs: NOW + 5, nodeOf: new Map() },
    });
  };
  /** As it is stored now: the facts have it as long as it waits, and a day after it was decided. */
  const now = async (id: number) =>
    (await store.proofs.facts(NOW + 10, T + 100))?.watches.find((watch) => watch.id === id);
  const subscriptions = async (chatId = 'a') => (await store.subscriptions.list(chat(chatId))).subscriptions;

  test('a watch waits, and the chat where it was asked hears of it, calling who asked', async () => {
    const { watch, created } = await follow(REQUEST, { signedAtSeconds: T - 3 });
    expect(created).toBe(true);
    expect(watch).toEqual({
      ...{
        id: watch.id,
        kind: 'request',
        hash: REQUEST,
        signedAtSeconds: T - 3,
        createdAtMs: NOW,
        createdAtSeconds: T,
      },
      ...{ createdBy: 'telegram:1', state: 'waiting', reason: '', settlementId: null, mode: null },
      ...{ delaySeconds: null, decidedAtMs: null },
    });
    expect(await store.proofs.waiting()).toEqual([watch]);
    expect(await subscriptions()).toMatchObject([
      {
        family: 'watch',
        rule: '',
        scope: 'watch',
        subject: String(watch.id),
        mention: 'user:1',
        createdBy: 'telegram:1',
      },
    ]);
  });

  test('the same of the same chat is not made twice, and may learn when it was signed', async () => {
    const { watch } = await follow(REQUEST);
    expect(await follow(REQUEST, { createdBy: 'telegram:2' })).toEqual({ watch, created: false });
    const later = await follow(REQUEST, { signedAtSeconds: T });
    expect(later).toEqual({ watch: { ...watch, signedAtSeconds: T }, created: false });
    expect((await follow(REQUEST, {}, 'b')).created).toBe(true);
    expect((await follow(REQUEST, { kind: 'tx' })).created).toBe(true);
    expect(await subscriptions()).toHaveLength(2);
  });

  test('a person has as many that wait as one may have; nothing is stored of one too many', async () => {
    for (const id of [1, 2, 3]) await follow(hex(id));
    const place = { address: chat('z'), title: 'z', kind: 'group' as const };
    await expect(follow(hex(4), { place })).rejects.toThrow('limit');
    expect((await store.subscriptions.list(place.address)).destination).toBe(null);
    expect((await follow(hex(3))).created).toBe(false);
    expect((await follow(hex(4), { createdBy: 'telegram:2' })).created).toBe(true);
    // One that is heard of no more does not count.
    await store.subscriptions.remove(chat('a'), (await subscriptions())[0]?.id ?? 0);
    expect((await follow(hex(5))).created).toBe(true);
  });

  test('a chat that has as many alerts as it may have is told so, and nothing is stored', async () => {
    for (let id = 0; id < 50; id += 1) await follow(hex(id + 1), { maxWaiting: 100 });
    await expect(follow(hex(99), { maxWaiting: 100 })).rejects.toThrow(SubscriptionLimit);
    expect(await store.proofs.waiting()).toHaveLength(50);
  });

  test.each([
    ['valid', 'settled', ''],
    ['no-key', 'settled', 'key is not known'],
    ['bad-signature', 'invalid', 'does not hold'],
    ['unsigned', 'invalid', 'without a signature'],
    ['unknown-node', 'invalid', 'not in the registry'],
  ] as const)('a request whose leaf is %s is %s, with its delay', async (verdict, state, words) => {
    const { watch } = await follow(REQUEST);
    await settle(batch(T + 60), [leaf(1, T, { verdict }), leaf(2, T)]);
    const [settlement] = await store.proofs.byBlob(`blob-${T + 60}`);
    expect(await now(watch.id)).toMatchObject({
      ...{ state, reason: expect.stringContaining(words), delaySeconds: 60, mode: 'batch' },
      ...{ settlementId: settlement?.id, decidedAtMs: NOW + 5 },
    });
    expect(await store.proofs.waiting()).toEqual([]);
    // The next who asks is answered at once.
    expect((await follow(REQUEST, {}, 'b')).watch).toMatchObject({ state, delaySeconds: 60, decidedAtMs: NOW });
  });

  test('a forged copy settles nothing for good: the answer itself comes later', async () => {
    const { watch } = await follow(REQUEST);
    await settle(batch(T), [leaf(1, T, { verdict: 'bad-signature' })]);
    expect((await now(watch.id))?.state).toBe('invalid');
    await settle(batch(T + 9), [leaf(1, T)]);
    expect(await now(watch.id)).toMatchObject({ state: 'settled', delaySeconds: 9 });
    await settle(batch(T + 20), [leaf(1, T, { verdict: 'unsigned' })]);
    expect((await now(watch.id))?.state).toBe('settled');
  });

  test('one that was given up is settled all the same when its proof comes', async () => {
    const { watch } = await follow(REQUEST);
    await store.proofs.decide([{ id: watch.id, state: 'expired', reason: 'an hour has passed', nowMs: NOW + 1 }]);
    expect(await now(watch.id)).toMatchObject({ state: 'expired', reason: 'an hour has passed', decidedAtMs: NOW + 1 });
    await store.proofs.decide([{ id: watch.id, state: 'failed', reason: 'again', nowMs: NOW + 2 }]);
    expect((await now(watch.id))?.state).toBe('expired');
    expect((await follow(REQUEST)).created).toBe(true);
    await settle(batch(T), [leaf(1, T)]);
    expect((await now(watch.id))?.state).toBe('settled');
  });

  test('an earlier answer to the same request is not the one that is followed', async () => {
    const { watch } = await follow(REQUEST, { signedAtSeconds: T });
    await settle(batch(T - 400), [leaf(1, T - 1_000)]);
    expect((await now(watch.id))?.state).toBe('waiting');
    // Its clock may be off by five minutes.
    await settle(batch(T + 60), [leaf(1, T - 299)]);
    expect(await now(watch.id)).toMatchObject({ state: 'settled', delaySeconds: 359 });
  });

  test('a transaction is settled when all of it was checked, and invalid when any of it is wrong', async () => {
    const txHash = hex(0x77);
    const { watch } = await follow(txHash, { kind: 'tx' });
    await settle(individual(T + 8, 1, T, { txHash }), null);
    await settle(batch(T + 9, { txHash, kind: 'old-batch' }), null);
    await settle(batch(T + 10, { txHash }), [leaf(5, T)]);
    expect((await now(watch.id))?.state).toBe('waiting');
    await settle(individual(T + 8, 1, T, { txHash }), [leaf(1, T)]);
    expect(await now(watch.id)).toMatchObject({ state: 'settled', mode: 'individual', delaySeconds: 8 });
    const other = await follow(hex(0x78), { kind: 'tx' });
    await settle(batch(T + 20, { txHash: hex(0x78) }), { state: 'root-mismatch', reason: 'another root', leaves: [] });
    expect(await now(other.watch.id)).toMatchObject({ state: 'invalid', reason: 'another root', delaySeconds: null });
    const forged = await follow(hex(0x79), { kind: 'tx' });
    await settle(batch(T + 30, { txHash: hex(0x79) }), [leaf(7, T), leaf(8, T, { verdict: 'bad-signature' })]);
    expect(await now(forged.watch.id)).toMatchObject({
      state: 'invalid',
      reason: '1 of 2 signatures in it do not hold',
    });
  });

  test('what is refused, or cannot be read, answers nothing', async () => {
    const { watch } = await follow(hex(0x78), { kind: 'tx', maxWaiting: 9 });
    await settle(batch(T, { txHash: hex(0x78) }), { state: 'refused', reason: 'not on the list', leaves: [] });
    expect((await now(watch.id))?.state).toBe('waiting');
  });

  test('when the chain takes a settlement back, what it answered waits again, unless another answers it', async () => {
    const one = await follow(REQUEST);
    const two = await follow(hex(0x1002));
    await settle(batch(T), [leaf(2, T)]);
    await settle(batch(T + 5), [leaf(1, T), leaf(2, T + 1)]);
    await store.proofs.rewind(PROOF_CURSOR, block(T));
    expect(await store.proofs.waiting()).toEqual([one.watch]);
    expect((await now(two.watch.id))?.state).toBe('settled');
    await store.proofs.rewind(PROOF_CURSOR, null);
    expect((await store.proofs.waiting()).map(({ id }) => id)).toEqual([one.watch.id, two.watch.id]);
  });

  test('a chat with another id follows what it followed, and what both followed once', async () => {
    const [shared, own] = [await follow(hex(1), {}, 'old'), await follow(hex(2), {}, 'old')];
    const there = await follow(hex(1), {}, 'new');
    await store.subscriptions.migrate('telegram', 'old', 'new');
    expect((await subscriptions('new')).map(({ subject }) => subject).sort()).toEqual(
      [there.watch.id, own.watch.id].map(String).sort(),
    );
    await store.history.purge(NOW);
    expect((await store.proofs.waiting()).map(({ id }) => id)).not.toContain(shared.watch.id);
  });

  test('whoever is forgotten is in no watch: private ones go, those of a community stay', async () => {
    const own = { address: chat('7'), title: 'me', kind: 'private' as const };
    await follow(hex(1), { place: own, createdBy: 'telegram:7' });
    const { watch } = await follow(hex(2), { createdBy: 'telegram:7', mention: 'user:7' });
    await follow(hex(3), { createdBy: 'telegram:8' });
    expect((await store.accounts.stored('telegram:7')).watches).toBe(2);
    await store.accounts.forget('telegram:7');
    expect((await store.accounts.stored('telegram:7')).watches).toBe(0);
    const left = await store.proofs.waiting();
    expect(left.map(({ hash, createdBy }) => [hash, createdBy])).toEqual([
      [hex(2), 'forgotten'],
      [hex(3), 'telegram:8'],
    ]);
    const kept = (await subscriptions()).find(({ subject }) => subject === String(watch.id));
    expect(kept).toMatchObject({ createdBy: 'forgotten', mention: '' });
  });

  test('a decided one goes with its subscription after seven days, one that waits stays', async () => {
    const [done, open] = [await follow(REQUEST), await follow(hex(2))];
    await settle(batch(T), [leaf(1, T)]);
    const week = NOW + 5 + 7 * 86_400_000;
    await store.history.purge(week);
    expect(await subscriptions()).toHaveLength(2);
    await store.history.purge(week + 1);
    expect((await subscriptions()).map(({ subject }) => subject)).toEqual([String(open.watch.id)]);
    const ids = await rig.query<{ id: number }>(url, 'SELECT "id" FROM "ProofWatch"');
    expect(ids.map(({ id }) => id)).toEqual([open.watch.id]);
    expect(ids).not.toContainEqual({ id: done.watch.id });
  });
});
