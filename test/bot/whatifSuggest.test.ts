import { expect, test } from 'vitest';
import { askerOn } from './ask.ts';
import { ALICE, BOB, seedGovernance } from './seedGovernance.ts';

const PATH = ['influence', 'whatif'];

test('whom to leave out is suggested from the set that is given, one after the other', async () => {
  const { bot, store } = await askerOn(0);
  await seedGovernance(store);
  const suggest = async (typed: string, set?: string) =>
    (await bot.suggest(PATH, 'without', typed, undefined, set === undefined ? {} : { set })).map(({ value }) => value);
  expect((await suggest('', 'bedrock.power'))[0]).toBe(ALICE);
  expect(await suggest('ce', 'validators')).toEqual(['cedar']);
  expect(await suggest(`${ALICE},0x00000000000000000000000000000000000000b`, 'power')).toEqual([`${ALICE}, ${BOB}`]);
  // A third would be longer than Discord takes.
  expect(await suggest(`${ALICE},${BOB},`, 'power')).toEqual([]);
  expect(await suggest('ce')).toEqual([]);
  expect(await suggest('ce', 'atlantis.power')).toEqual([]);
});

test('by buttons alone: a set, a member of it, and the answer', async () => {
  const { ask, store } = await askerOn(0);
  await seedGovernance(store);
  const sets = await ask('influence whatif');
  const members = await ask(sets.actions?.find(({ label }) => label.startsWith('Validators'))?.command ?? '');
  const answer = await ask(members.actions?.find(({ label }) => label === 'elm')?.command ?? '');
  expect(answer.title).toContain('without elm');
});
