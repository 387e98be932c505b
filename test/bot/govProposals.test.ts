import { expect, test } from 'vitest';
import type { View } from '../../src/lib/view.ts';
import { type Asker, askerOn } from './ask.ts';
import { pointOf, wordsOf } from './judgeView.ts';
import { NOW_MS } from './seed.ts';
import {
  GOVERNANCE,
  governanceIsFresh,
  isFailing,
  ORCHARD,
  orchardProposal,
  poaProposal,
  SNAPSHOT,
  saveOn,
  seedGovernance,
} from './seedGovernance.ts';

async function seeded(): Promise<Asker> {
  const asker = await askerOn(0);
  await seedGovernance(asker.store);
  return asker;
}

/** With the Snapshot network besides. */
async function withOrchard(): Promise<Asker> {
  const asker = await seeded();
  asker.bot.context.governance = [...asker.bot.context.governance, ORCHARD];
  return asker;
}

const rowsOf = (view: View): string[] =>
  wordsOf({ ...view, actions: [], fields: [], sources: [] })
    .split('\n')
    .filter((line) => line.startsWith('• '));

test('the point first: how many votes are open, and which ends next; then the newest, six a page', async () => {
  const { ask } = await seeded();
  const view = await ask('gov proposals');
  expect(pointOf(view)).toBe('3 votes open, the next vote ends in 5 h 12 min. 12 proposals in all:');
  const rows = rowsOf(view);
  expect(rows).toHaveLength(6);
  expect(rows[0]).toBe('• #12 Admit validator larch: voting ends in 5 h 12 min, 66.6 % yes, turnout 60 %');
  expect(rows).toContain('• #10 Lower the fees: voting ends in 2 d, turnout 0 %, no quorum yet');
  expect(rows).toContain('• #9 Add a faucet: collecting its deposit');
  expect(view.page).toMatchObject({ number: 1, of: 2 });
  const second = await ask(`${view.page?.command} page:2`);
  expect(rowsOf(second)).toHaveLength(6);
  expect(rowsOf(second).filter((row) => rows.includes(row))).toEqual([]);
  // A page that is not there is the last one.
  expect(rowsOf(await ask('gov proposals page:99'))).toEqual(rowsOf(second));
});

test('what came of those that are over: passed, vetoed, without a quorum, failed to execute', async () => {
  const { ask } = await seeded();
  const rows = [...rowsOf(await ask('gov proposals closed')), ...rowsOf(await ask('gov proposals closed page:2'))];
  expect(rows).toHaveLength(8);
  expect(rows).toContain('• #8 Upgrade to v0.7.0: passed 2026-11-16, 100 % yes, turnout 40 %');
  expect(rows).toContain('• #7 Raise the deposit: failed for lack of quorum 2026-11-01, 100 % yes, turnout 20 %');
  expect(rows.find((row) => row.includes('#6'))).toContain('passed, and failed to execute');
  expect(rows.find((row) => row.includes('#5'))).toContain('vetoed');
  expect(rows.find((row) => row.includes('#4'))).toContain(': rejected');
});

test('one status, one group, one network: each is named in the point, and buttons stay with it', async () => {
  const { ask } = await withOrchard();
  expect(pointOf(await ask('gov proposals open'))).toContain('6 proposals (open) in all');
  expect(pointOf(await ask('gov proposals passed'))).toContain('4 proposals (passed) in all');
  const own = await ask('gov proposals network:orchard');
  expect(own.title).toBe('Proposals of Orchard DAO');
  expect(rowsOf(own)).toHaveLength(3);
  expect(own.sources).toEqual(['Snapshot space orchard.eth']);
  expect(own.actions?.map(({ command }) => command)).toContain('gov proposals open network:orchard');
  expect(pointOf(await ask('gov proposals canceled'))).toBe(
    '5 votes open, the next vote ends in 5 h 12 min. No proposals (canceled) are known.',
  );
});

test('of several networks each row says whose it is, and each button opens that very proposal', async () => {
  const { ask } = await withOrchard();
  const view = await ask('gov proposals');
  expect(rowsOf(view).every((row) => /\((OpenGradient|Orchard DAO)\): /.test(row))).toBe(true);
  expect(rowsOf(view).join()).toContain('70.4 % for Plant pears, no quorum yet');
  const titles = rowsOf(view).map((row) => row.slice(2).split(' (O')[0]);
  const opened = await Promise.all((view.actions ?? []).slice(0, 6).map(({ command }) => ask(command)));
  expect(opened.map(({ title }) => title)).toEqual(titles);
});

test('nothing read yet: nothing is said of them, and where it would be read is', async () => {
  const { ask } = await askerOn(0);
  const view = await ask('gov proposals');
  expect(view).toMatchObject({ title: 'Proposals: not known yet', tone: 'unknown', asOf: null });
  expect(wordsOf(view)).toContain('Not read so far: the gov precompile 0x0000…0805 on chain 10740 has not been asked');
  expect(wordsOf(view)).not.toMatch(/no proposals/i);
});

test('read and empty is another answer than not read', async () => {
  const { ask, store } = await askerOn(0);
  await saveOn(store, GOVERNANCE, []);
  await governanceIsFresh(store, [GOVERNANCE]);
  expect(pointOf(await ask('gov proposals'))).toBe('No vote is open. No proposals are known.');
});

test('a source that fails: what is known is shown with its age, and time left goes on by its clock', async () => {
  const { ask, store, bot } = await seeded();
  await isFailing(store, GOVERNANCE);
  const view = await ask('gov proposals');
  expect(wordsOf(view)).toContain('This is not from now: the gov precompile 0x0000…0805 on chain 10740 could not be');
  expect(view.asOf).toBe(NOW_MS / 1000 - 3_600);
  // Ten minutes later, nothing was read: the end has come nearer all the same.
  bot.context.clock = { ...bot.context.clock, now: () => NOW_MS + 600_000 };
  expect(pointOf(await ask('gov proposals'))).toContain('ends in 5 h 2 min');
});

test('one that is open after its end is over, and its result is not made up', async () => {
  const { ask, store } = await askerOn(0);
  await saveOn(store, GOVERNANCE, [{ reading: poaProposal('1', [], { endAtSeconds: NOW_MS / 1000 - 60 }) }]);
  await governanceIsFresh(store, [GOVERNANCE]);
  const view = await ask('gov proposals');
  expect(rowsOf(view)[0]).toContain('voting is over; its result has not been read yet');
  expect(pointOf(await ask('gov proposal 1'))).toMatch(/^Voting is over; its result has not been read yet/);
});

test('time left is by the clock of the source: a chain that is behind has more of it', async () => {
  const { ask, store } = await askerOn(0);
  const late = NOW_MS / 1000 - 3_600;
  const reading = poaProposal('1', [], { endAtSeconds: NOW_MS / 1000 + 600 });
  await store.governance.saveProposals({
    ...{ source: GOVERNANCE, readings: [reading], votes: new Map(), clockSeconds: late, nowMs: NOW_MS },
  });
  await governanceIsFresh(store, [GOVERNANCE]);
  expect(pointOf(await ask('gov proposal 1'))).toMatch(/^Voting ends in 1 h 10 min/);
});

test('a network without proposals says so, with what was tried; one that is not known is named', async () => {
  const { ask } = await seeded();
  const none = await ask('gov proposals bedrock');
  expect(pointOf(none)).toBe('No source of proposals is configured for Bedrock: this says nothing about them.');
  expect(wordsOf(none)).toContain('No Snapshot space is known for Bedrock: none is named in its documents or code.');
  expect(none.actions?.map(({ command }) => command)).toEqual(['gov proposals network:opengradient']);
  const unknown = await ask('gov proposals network:atlantis');
  expect(unknown).toMatchObject({ tone: 'error', title: 'No such network' });
  expect(wordsOf(unknown)).toContain('“atlantis” is not read here; known: OpenGradient, Bedrock.');
});

test('suggestions while typing: by number, by the beginning of an id, by words; from one small read', async () => {
  const { bot, store } = await withOrchard();
  let reads = 0;
  const { proposals } = store.governance;
  store.governance.proposals = async (query) => {
    reads += 1;
    expect(query.limit).toBeLessThanOrEqual(100);
    return await proposals(query);
  };
  const labels = async (typed: string): Promise<string[]> =>
    (await bot.suggest(['gov', 'proposal'], 'id', typed)).map(({ label }) => label);
  expect(await labels('#12')).toEqual(['#12 Admit validator larch']);
  expect(await labels('0x3F9A02')).toEqual(['0x3f9a0200 What to plant']);
  expect(await labels('upgrade')).toEqual(['#8 Upgrade to v0.7.0', '#3 Upgrade to v0.6.0']);
  expect((await labels('')).length).toBe(15);
  expect(reads).toBe(1);
  expect((await bot.suggest(['gov', 'proposals'], 'network', 'orch')).map(({ value }) => value)).toEqual(['orchard']);
});

test('a hundred networks’ worth of open votes is a page, not a wall', async () => {
  const { ask, store, bot } = await askerOn(0);
  bot.context.governance = [ORCHARD];
  const many = Array.from({ length: 150 }, (_, id) => ({
    reading: orchardProposal(id, { title: `${'A very long title '.repeat(20)}${id}` }),
  }));
  await saveOn(store, SNAPSHOT, many);
  await governanceIsFresh(store, [SNAPSHOT]);
  const view = await ask('gov proposals');
  expect(pointOf(view)).toMatch(/^150 votes open, the next vote ends in 1 d 2 h/);
  expect(view.page?.of).toBe(25);
  expect(wordsOf(view).length).toBeLessThan(2_000);
});
