import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SnapshotRow } from '../../src/lib/governanceRow.ts';
import { snapshotCollector } from '../../src/watch/snapshotCollector.ts';
import { type DevSnapshot, type SnapshotFault, startSnapshot } from '../devnet/snapshot.ts';
import { type TemporaryStore, temporaryStore } from '../rigs/store.ts';
import { SteppingClock } from '../support/steppingClock.ts';
import { governanceTools } from './veRig.ts';

const SOURCE = 'snapped.snapshot';
const SPACE = 'devnet.eth';
const DAY_SECONDS = 86_400;
const voter = (number: number) => `0x${number.toString(16).padStart(40, '0')}`;

let temporary: TemporaryStore;
let hub: DevSnapshot;
let clock: SteppingClock;

beforeEach(async () => {
  temporary = await temporaryStore();
  clock = new SteppingClock();
  hub = await startSnapshot({ nowSeconds: () => Math.floor(clock.now() / 1000) });
  hub.state.perMinute = 1_000_000;
});
afterEach(async () => {
  await hub.close();
  await temporary.cleanup();
});

function startRig(more: Partial<SnapshotRow> = {}) {
  const made = governanceTools(temporary.store, clock as never);
  const row: SnapshotRow = {
    ...{ kind: 'snapshot', network: 'snapped', title: 'Snapped', intervalMs: 60_000 },
    ...{ space: SPACE, api: hub.url, apiKey: null },
    ...more,
  };
  const collector = snapshotCollector(row, made.tools);
  return { ...made, round: () => collector.collect(made.tools.signal) };
}

const { find, votesOf } = {
  find: async (ref: string) => {
    const found = await temporary.store.governance.findProposal([SOURCE], ref);
    if (found === null) throw new Error(`${ref} is not stored`);
    return found;
  },
  votesOf: async (ref: string) => temporary.store.governance.votes((await find(ref)).id, 100_000),
};
/** The next question that begins so, and that `which` takes, meets the fault. */
function failOnce(begins: string, fault: SnapshotFault, which = () => true): void {
  const { requests } = hub;
  const push = requests.push.bind(requests);
  requests.push = (...records) => {
    if (records[0]?.query.startsWith(begins) && which()) {
      hub.failNext(fault);
      requests.push = push;
    }
    return push(...records);
  };
}
const nowSeconds = () => Math.floor(clock.now() / 1000);

test('proposals and votes of every form reach the store', async () => {
  const one = hub.propose({ title: 'One', quorum: 400 });
  const two = hub.propose({ title: 'Two', type: 'weighted', choices: ['a', 'b', 'c'] });
  hub.vote(one, voter(1), 1, 12.5);
  hub.vote(one, voter(2), 3, 1e21);
  hub.vote(two, voter(1), { 1: 1, 3: 3 }, 0.1);
  expect(await startRig().round()).toEqual({ kind: 'fresh' });
  expect(await find(one)).toMatchObject({
    ...{ title: 'One', status: 'voting', votesCount: 2, storedVotes: 2, votesReadAtMs: clock.now(), atFirst: true },
    link: `https://snapshot.box/#/s:${SPACE}/proposal/${one}`,
    tally: [12_500n * 10n ** 15n, 0n, 10n ** 39n],
  });
  const votes = await votesOf(one);
  expect(votes.map(({ voter: who, power }) => [who, power])).toEqual([
    [voter(2), 10n ** 39n],
    [voter(1), 12_500n * 10n ** 15n],
  ]);
  expect((await votesOf(two))[0]).toMatchObject({
    power: 10n ** 17n,
    choices: [
      { choice: 0, weight: '0.25' },
      { choice: 2, weight: '0.75' },
    ],
  });
});

test('powers that are no whole floats are what the hub wrote, digit by digit', async () => {
  const one = hub.propose();
  const powers = [0.1, 1.2345e-7, 123_456_789.123_456_78, 1e23];
  powers.forEach((vp, index) => {
    hub.vote(one, voter(index + 1), 1, vp);
  });
  for (const exponents of [false, true]) {
    hub.state.exponents = exponents;
    await startRig().round();
    const found = new Map((await votesOf(one)).map(({ voter: who, power }) => [who, power]));
    expect(powers.map((_, index) => found.get(voter(index + 1)))).toEqual([
      ...[100_000_000_000_000_000n, 123_450_000_000n, 123_456_789_123_456_780_000_000_000n],
      10n ** 41n,
    ]);
  }
});

test('thousands of votes, many of them in one second, are each read once', async () => {
  const one = hub.propose();
  const created = nowSeconds();
  for (let index = 1; index <= 3_500; index += 1) {
    hub.vote(one, voter(index), 1, 1, { created: created + (index > 2_600 ? index : index < 100 ? 0 : 1) });
  }
  await startRig().round();
  expect(await votesOf(one)).toHaveLength(3_500);
  expect((await find(one)).votesReadAtMs).not.toBeNull();
  const asked = hub.requests.filter(({ query }) => query.startsWith('query Votes'));
  expect(asked.length).toBeLessThan(9);
});

test('what is new, what is voted anew and what closes is seen; what stands is not asked for', async () => {
  const one = hub.propose();
  hub.vote(one, voter(1), 1, 5);
  const rig = startRig();
  await rig.round();
  clock.advance(60_000);
  const before = hub.requests.length;
  await rig.round();
  expect(hub.requests.slice(before).some(({ query }) => query.startsWith('query Votes'))).toBe(false);
  expect((await find(one)).votesReadAtMs).toBe(clock.now());

  clock.advance(60_000);
  hub.vote(one, voter(1), 2, 5);
  hub.vote(one, voter(2), 1, 6);
  const late = hub.propose({ title: 'Late' });
  await rig.round();
  expect((await find(late)).atFirst).toBe(false);
  expect((await votesOf(one)).map(({ voter: who, choices }) => [who, choices[0]?.choice])).toEqual([
    [voter(2), 0],
    [voter(1), 1],
  ]);

  // The power of one is counted anew once it is over.
  clock.advance(4 * DAY_SECONDS * 1000);
  hub.vote(one, voter(2), 1, 7, { created: nowSeconds() - 3 * DAY_SECONDS });
  await rig.round();
  expect(await find(one)).toMatchObject({ status: 'closed', votesReadAtMs: clock.now() });
  expect((await votesOf(one))[0]).toMatchObject({ voter: voter(2), power: 7n * 10n ** 18n });
});

test('shielded votes are known by who cast them only, until the end', async () => {
  const one = hub.propose({ privacy: 'shutter' });
  hub.vote(one, voter(1), 2, 5);
  const rig = startRig();
  await rig.round();
  expect(await find(one)).toMatchObject({ tally: null, terms: { shielded: true }, storedVotes: 1 });
  expect((await votesOf(one))[0]?.choices).toEqual([]);
  clock.advance(4 * DAY_SECONDS * 1000);
  await rig.round();
  expect((await votesOf(one))[0]?.choices).toEqual([{ choice: 1, weight: '1' }]);
  expect((await find(one)).tally).toEqual([0n, 5n * 10n ** 18n, 0n]);
});

test('votes of last year are read, beginning with the newest; of older ones they are not', async () => {
  const closed = (days: number) => {
    const startSeconds = nowSeconds() - days * DAY_SECONDS;
    const id = hub.propose({ startSeconds, endSeconds: startSeconds + DAY_SECONDS });
    hub.vote(id, voter(1), 1, days, { created: startSeconds + 5 });
    return id;
  };
  const [recent, old, ancient] = [closed(10), closed(300), closed(500)];
  const rig = startRig();
  await rig.round();
  expect((await find(recent)).storedVotes).toBe(1);
  expect((await find(old)).storedVotes).toBe(1);
  expect(await find(ancient)).toMatchObject({ storedVotes: 0, votesReadAtMs: null });
  const asked = hub.requests.filter(({ query }) => query.startsWith('query Votes'));
  expect(asked.map(({ variables }) => variables.proposal)).toEqual([recent, old]);
  // Another start finds them complete.
  const before = hub.requests.length;
  await startRig().round();
  expect(hub.requests.slice(before).some(({ query }) => query.startsWith('query Votes'))).toBe(false);
});

test('without a key at most 60 questions a minute are asked', async () => {
  const startSeconds = nowSeconds() - 10 * DAY_SECONDS;
  for (let index = 0; index < 80; index += 1) {
    hub.vote(hub.propose({ startSeconds, endSeconds: startSeconds + index + 1 }), voter(1), 1, 1, {
      created: startSeconds,
    });
  }
  const rig = startRig();
  const begun = clock.now();
  await rig.round();
  await rig.round();
  expect(hub.requests.length).toBeGreaterThan(80);
  expect(clock.now() - begun).toBeGreaterThanOrEqual(60_000);
  expect(clock.slept.every((ms) => ms <= 60_000)).toBe(true);
});

test('a hub that asks for fewer questions is left alone for that long, and has not failed', async () => {
  const one = hub.propose();
  hub.vote(one, voter(1), 1, 1);
  hub.failNext('busy');
  const rig = startRig();
  const since = clock.now();
  const busy = { kind: 'stale', shortError: 'Snapshot asks for fewer questions', sinceMs: since };
  expect(await rig.round()).toEqual(busy);
  clock.advance(29_000);
  expect(await rig.round()).toEqual(busy);
  expect(hub.requests).toHaveLength(1);
  clock.advance(2_000);
  expect(await rig.round()).toEqual({ kind: 'fresh' });
  expect((await find(one)).storedVotes).toBe(1);
});

test.each(['error', 'bad-gateway', 'html', 'not-json', 'null-data', 'failed', 'wrong-shape'] as const)(
  'an answer that is none (%s) changes nothing, and fails',
  async (fault) => {
    const one = hub.propose();
    hub.vote(one, voter(1), 1, 1);
    const rig = startRig();
    await rig.round();
    const [before, votes] = [await find(one), await votesOf(one)];
    clock.advance(60_000);
    hub.vote(one, voter(2), 1, 1);
    hub.state.fault = fault;
    await expect(rig.round()).rejects.toThrow(/Snapshot/);
    expect(await find(one)).toEqual(before);
    expect(await votesOf(one)).toEqual(votes);
    hub.state.fault = null;
    await rig.round();
    expect(await votesOf(one)).toHaveLength(2);
  },
);

test('votes that are listed by nobody for once are not taken for missing ones', async () => {
  const one = hub.propose();
  hub.vote(one, voter(1), 1, 1);
  hub.vote(one, voter(2), 1, 1);
  const rig = startRig();
  await rig.round();
  const { votesReadAtMs } = await find(one);
  clock.advance(60_000);
  hub.vote(one, voter(3), 1, 1);
  failOnce('query Votes', 'empty');
  expect(await rig.round()).toEqual({ kind: 'fresh' });
  expect(await find(one)).toMatchObject({ storedVotes: 2, votesCount: 3, votesReadAtMs });
  clock.advance(60_000);
  hub.vote(one, voter(4), 1, 1);
  await rig.round();
  clock.advance(60_000);
  await rig.round();
  expect(await votesOf(one)).toHaveLength(4);
  expect((await find(one)).votesReadAtMs).toBe(clock.now());
});

test('one that is deleted at the hub is canceled, once it was missing for ten minutes, also after a restart', async () => {
  const [one, two] = [hub.propose({ title: 'One' }), hub.propose({ title: 'Two' })];
  hub.vote(one, voter(1), 1, 5);
  await startRig().round();
  hub.remove(one);
  const rig = startRig();
  const begun = clock.now();
  let { status } = await find(one);
  for (; status === 'voting'; { status } = await find(one)) {
    clock.advance(60_000);
    expect(await rig.round()).toEqual({ kind: 'fresh' });
  }
  expect(clock.now() - begun).toBe(11 * 60_000);
  expect(await find(one)).toMatchObject({ status: 'canceled', closedAtMs: clock.now(), title: 'One', storedVotes: 1 });
  expect((await find(two)).status).toBe('voting');
  // It is not asked for any more.
  const before = hub.requests.length;
  await rig.round();
  expect(hub.requests.slice(before).filter(({ query }) => query.startsWith('query Some'))).toEqual([]);
});

test('one that is listed and cannot be read, or that a hub without rows does not name, is not taken for deleted', async () => {
  const [one, two] = [hub.propose(), hub.propose()];
  const rig = startRig();
  await rig.round();
  hub.change(one, { extra: { end: 'tomorrow' } });
  hub.state.fault = 'empty';
  for (let minute = 0; minute < 20; minute += 1) {
    clock.advance(60_000);
    await expect(rig.round()).rejects.toThrow('Snapshot knows no space');
  }
  hub.state.fault = null;
  for (let minute = 0; minute < 20; minute += 1) {
    clock.advance(60_000);
    await rig.round();
  }
  expect([(await find(one)).status, (await find(two)).status]).toEqual(['voting', 'voting']);
});

test('proposals and votes that say an earlier time than that at which they came are not passed over', async () => {
  const one = hub.propose();
  hub.vote(one, voter(1), 1, 5, { created: nowSeconds() + 300 });
  hub.propose({ createdSeconds: nowSeconds() + 300 });
  const rig = startRig();
  await rig.round();
  clock.advance(60_000);
  const late = hub.propose({ createdSeconds: nowSeconds() - 3 * DAY_SECONDS });
  hub.vote(one, voter(2), 2, 7, { created: nowSeconds() - 30 });
  await rig.round();
  expect((await find(late)).status).toBe('voting');
  // Fewer are known than the hub counts: nobody is said not to have voted, and the next round has them all.
  expect((await find(one)).votesReadAtMs).toBeLessThan(clock.now());
  clock.advance(60_000);
  await rig.round();
  expect(await find(one)).toMatchObject({ storedVotes: 2, votesReadAtMs: clock.now() });
  const before = hub.requests.length;
  clock.advance(60_000);
  await rig.round();
  expect(hub.requests.slice(before).some(({ query }) => query.startsWith('query Votes'))).toBe(false);
});

test('a list that is broken off is no first reading: what is listed later was there at first, too', async () => {
  for (let index = 0; index < 150; index += 1) hub.propose({ createdSeconds: nowSeconds() - 150 + index });
  const rig = startRig();
  let pages = 0;
  failOnce('query Proposals', 'busy', () => ++pages === 2);
  expect(await rig.round()).toMatchObject({ kind: 'stale' });
  expect(await temporary.store.governance.read()).toEqual([]);
  clock.advance(61_000);
  expect(await rig.round()).toEqual({ kind: 'fresh' });
  const { rows, total } = await temporary.store.governance.proposals({
    sources: [SOURCE],
    statuses: [],
    limit: 200,
    offset: 0,
  });
  expect(total).toBe(150);
  expect(rows.every(({ atFirst }) => atFirst)).toBe(true);
});

test('a space without proposals is fine, one that nobody knows is not', async () => {
  hub.addSpace(SPACE);
  expect(await startRig().round()).toEqual({ kind: 'fresh' });
  await expect(startRig({ space: 'nobody.eth' }).round()).rejects.toThrow('Snapshot knows no space nobody.eth');
});

test('a key is sent as its header, and spares the keyless pace', async () => {
  hub.state.apiKeys.add('a-secret-key');
  hub.propose();
  await startRig({ apiKey: 'a-secret-key' }).round();
  expect(new Set(hub.requests.map(({ apiKey }) => apiKey))).toEqual(new Set(['a-secret-key']));
});
