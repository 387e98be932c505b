import { expect, test } from 'vitest';
import { type Asker, askerOn } from './ask.ts';
import { pointOf, wordsOf } from './judgeView.ts';
import { NOW_MS } from './seed.ts';
import {
  ALICE,
  BOB,
  EPOCH,
  FRANK,
  GOVERNANCE,
  isFailing,
  MONIKERS,
  ORCHARD,
  poaProposal,
  saveOn,
  seedGovernance,
  seedValidators,
  validatorOf,
} from './seedGovernance.ts';

async function seeded(): Promise<Asker> {
  const asker = await askerOn(0);
  await seedGovernance(asker.store);
  asker.bot.context.governance = [...asker.bot.context.governance, ORCHARD];
  return asker;
}

test('a validator by name or by address: record, streak, weight, and what they have not voted on yet', async () => {
  const { ask } = await seeded();
  const view = await ask('gov voter Cedar');
  expect(view.title).toBe('Voter cedar');
  expect(pointOf(view)).toBe(
    'OpenGradient: voted on 8 of the last 8 closed proposals, the last 8 in a row; 1 power, 20 % of what is bonded.',
  );
  const words = wordsOf(view);
  expect(words).toContain('Not voted yet on #10, #11.');
  expect(words).toContain('• #5 Burn the community pool: No with veto');
  expect(words).toContain('One address is not one person');
  expect(await ask(`gov voter ${validatorOf(0).toUpperCase().replace('X', 'x')}`)).toEqual(view);
  const pine = await ask('gov voter pine');
  expect(pointOf(pine)).toContain('voted on 2 of the last 8 closed proposals; 1 power');
  expect(wordsOf(pine)).toContain('Not voted yet on #12, #10, #11.');
});

test('what was not read of late is no proof that somebody has not voted', async () => {
  const { ask, bot } = await seeded();
  bot.context.clock = { ...bot.context.clock, now: () => NOW_MS + 20 * 60_000 };
  expect(wordsOf(await ask('gov voter pine'))).not.toContain('Not voted yet');
});

test('a validator that never voted has a record all the same; one that is jailed or left has no vote', async () => {
  const { ask, store } = await askerOn(0);
  await seedValidators(store, [{}, { status: 'unbonding', jailed: true }, { status: 'unbonded' }]);
  await saveOn(store, GOVERNANCE, [
    { reading: poaProposal('1', [], { status: 'rejected', endAtSeconds: NOW_MS / 1000 - 60 }), votes: [] },
  ]);
  expect(pointOf(await ask('gov voter cedar'))).toContain('25 % of what is bonded'.replace('25', '33.3'));
  expect(pointOf(await ask('gov voter elm'))).toMatch(/; jailed, without a vote now\.$/);
  expect(pointOf(await ask('gov voter fir'))).toMatch(/; unbonded, without a vote now\.$/);
});

test('an owner of several locks: their power together, their share, epochs and streak, and where they stand', async () => {
  const { ask } = await seeded();
  const view = await ask(`gov voter ${ALICE}`);
  expect(pointOf(view)).toBe(
    `Bedrock: 1.5M BR in 3 locks (72.7 % of all power); voted in 8 of 8 epochs, last in ${EPOCH}, 8 in a row.`,
  );
  expect(wordsOf(view)).toContain('Stands on uniBTC vault 1.34M BR, brBTC on Berachain 83.3k BR.');
  // Of the epoch that runs, who has not voted yet has not broken a streak.
  expect(pointOf(await ask(`gov voter ${BOB}`))).toContain(`voted in 7 of 8 epochs, last in ${EPOCH - 1}, 7 in a row`);
});

test('one whose lock is on its way out has no power; their old votes stay their own', async () => {
  const { ask } = await seeded();
  expect(pointOf(await ask(`gov voter ${FRANK}`))).toBe(
    `Bedrock: no live lock, 1 exiting; voted in 3 of 8 epochs, last in ${EPOCH - 4}.`,
  );
});

test('on Snapshot: split votes by their shares, hidden ones as not known, the weight as of the last vote', async () => {
  const { ask } = await seeded();
  const view = await ask('gov voter 0x0000000000000000000000000000000000001001');
  expect(pointOf(view)).toContain('Orchard DAO: voted on 1 of the last 1 closed proposal; last voted with 500 APPLE.');
  const words = wordsOf(view);
  expect(words).toContain('Which trees first?: Plant pears 60 %, Plant plums 40 %');
  expect(words).toContain('A secret ballot: voted, how is not known');
});

test('one who is known in several networks: all of them, or the one that is named', async () => {
  const { ask, store } = await seeded();
  const one = { voter: ALICE, choices: [{ choice: 0, weight: '1' }], power: 1n, castAtSeconds: null };
  const reading = poaProposal('13', []);
  await saveOn(store, GOVERNANCE, [{ reading, votes: [one] }], NOW_MS / 1000 - 4);
  const both = await ask(`gov voter ${ALICE}`);
  expect(pointOf(both)).toMatch(/^OpenGradient: /);
  expect(wordsOf(both)).toContain('Bedrock: 1.5M BR in 3 locks');
  expect(pointOf(await ask(`gov voter ${ALICE} bedrock`))).toMatch(/^Bedrock: /);
});

test('nobody known by that address; neither an address nor a name', async () => {
  const { ask } = await seeded();
  const none = await ask(`gov voter 0x${'9'.repeat(40)}`);
  expect(none.tone).toBe('unknown');
  expect(pointOf(none)).toBe('No vote, lock or power of this address is known.');
  expect(none.sources).toHaveLength(3);
  const unclear = await ask('gov voter larch');
  expect(unclear).toMatchObject({ tone: 'error', title: 'Which voter?' });
  expect(unclear.actions?.map(({ label }) => label)).toEqual([...MONIKERS]);
  expect((await ask(unclear.actions?.[1]?.command ?? '')).title).toBe('Voter elm');
});

test('two validators of one name are told apart by address', async () => {
  const { ask, store } = await askerOn(0);
  await seedValidators(store, [{ moniker: 'twin' }, { moniker: 'Twin' }]);
  const view = await ask('gov voter twin');
  expect(wordsOf(view)).toContain('may be several validators');
  expect(view.actions?.map(({ command }) => command)).toEqual([
    `gov voter ${validatorOf(0)}`,
    `gov voter ${validatorOf(1)}`,
  ]);
});

test('nothing read, and a source that fails', async () => {
  const { ask } = await askerOn(0);
  const unread = await ask(`gov voter ${ALICE}`);
  expect(wordsOf(unread)).toContain('Not read so far: the gov precompile');
  const { ask: later, store } = await seeded();
  await isFailing(store, GOVERNANCE);
  expect(wordsOf(await later('gov voter cedar'))).toContain('This is not from now: the gov precompile');
});

test('suggestions: validators by name or address', async () => {
  const { bot } = await seeded();
  const found = await bot.suggest(['gov', 'voter'], 'voter', 'ce');
  expect(found).toEqual([{ label: 'cedar 0x000000…0051', value: validatorOf(0) }]);
});
