import { expect, test } from 'vitest';
import { readSigned, signedOption } from '../../src/bot/signedOption.ts';
import type { View } from '../../src/lib/view.ts';
import { askerOn } from './ask.ts';
import { wordsOf } from './judgeView.ts';
import { callerOf, NOW, placeOf } from './seed.ts';
import { proofsAreFresh, requestHashOf, rootOf, seedDay, seedSettlements, txHashOf } from './seedProofs.ts';

const HEX = 'ab12'.repeat(16);
const point = ({ lines }: View): string => (lines[0] as { strong: string }[])[0]?.strong ?? '';
const hashOf = (number: number): string => number.toString(16).padStart(64, 'c');

test.each([
  [String(NOW - 300), NOW - 300],
  [String((NOW - 300) * 1000), NOW - 300],
  ['5m', NOW - 300],
  ['1h 30m', NOW - 5_400],
  ['5 min ago', NOW - 300],
  ['2026-11-21T11:55:00Z', NOW - 300],
  ['2026-11-21 11:55', NOW - 300],
  ['2026-11-21T12:55:00+01:00', NOW - 300],
  ['2026-11-21 11:55:00 UTC', NOW - 300],
])('signed %s is one moment', (typed, at) => {
  expect(signedOption.check?.(typed)).toBeNull();
  expect(readSigned(typed, NOW)).toBe(at);
});

test.each(['yesterday', '12', '2026-13-40T99:00', '-5m', '2026-11-21', 'null', ''])('signed %s is none', (typed) => {
  expect(signedOption.check?.(typed)).toContain('signed must be unix seconds');
});

test('moments by the chain’s clock: five minutes ahead are taken, an hour ahead and two months ago are not', () => {
  expect(readSigned(String(NOW + 300), NOW)).toBe(NOW + 300);
  expect(readSigned(String(NOW + 3_600), NOW)).toHaveProperty('problem');
  expect(readSigned('60d', NOW)).toHaveProperty('problem');
});

test('what is not settled is watched in this chat, for whoever asked, who is called', async () => {
  const { ask, store } = await askerOn(3);
  await seedDay(store);
  const view = await ask(`proof watch ${HEX} 12m`);
  expect(point(view)).toBe('Not settled yet, as far as is known.');
  expect(wordsOf(view)).toContain('12 min ago by the chain’s clock: normal so far.');
  expect(wordsOf(view)).toContain('You will be called.');
  const { subscriptions } = await store.subscriptions.list(placeOf('discord').address);
  expect(subscriptions).toEqual([expect.objectContaining({ family: 'watch', scope: 'watch', mention: 'user:4242' })]);
  const [watch] = await store.proofs.waiting();
  expect(watch).toMatchObject({
    ...{ kind: 'request', hash: `0x${HEX}`, signedAtSeconds: NOW - 720, createdAtSeconds: NOW },
    createdBy: 'discord:4242',
  });
  expect((await ask(`proof watch ${HEX}`)).title).toMatch(/^Watched already/);
  expect(await store.proofs.waiting()).toHaveLength(1);
});

test('whoever cannot be called there is told so, and the chat hears of it all the same', async () => {
  const { ask, store } = await askerOn(3);
  await seedDay(store);
  const view = await ask(`proof watch ${HEX}`, placeOf('telegram', { mentionProblem: async () => 'not here' }));
  expect(wordsOf(view)).toContain('You cannot be called here');
  const { subscriptions } = await store.subscriptions.list(placeOf('telegram').address);
  expect(subscriptions).toEqual([expect.objectContaining({ mention: '' })]);
});

test('transaction or request: what is stored decides, then 0x, unless it is said; the answer says which and why', async () => {
  const { ask, store } = await askerOn(3);
  await seedDay(store);
  const understood = async (question: string): Promise<string> =>
    /Understood as an? (.*?\))/.exec(wordsOf(await ask(`proof watch ${question}`)))?.[1] ?? '';
  expect(await understood(requestHashOf(1))).toBe('request hash (an answer to it is known)');
  expect(await understood(txHashOf(0).slice(2))).toBe('transaction (a settlement by it is known)');
  expect(await understood(`0x${HEX}`)).toBe('transaction (it begins with 0x and no answer to such a request is known)');
  expect(await understood(hashOf(1))).toBe('request hash (it comes without 0x, as nodes write it)');
  expect(await understood(`0x${hashOf(2)} kind:request`)).toBe('request hash (as you said)');
  expect(await understood(`${hashOf(3)} 5m tx`)).toBe('transaction (as you said)');
});

test('what is settled already is answered at once, with delay and label; a transaction too', async () => {
  const { ask, store } = await askerOn(3);
  await seedDay(store);
  const view = await ask(`proof watch ${requestHashOf(1)}`);
  expect(view).toMatchObject({ title: 'Settled already: 0x000000…0001', tone: 'ok', asOf: NOW - 2 });
  expect(point(view)).toBe('It is settled in a batch, 8 min after it was signed: normal.');
  expect(point(await ask(`proof watch ${txHashOf(0)}`))).toBe('It is settled in a batch.');
  expect(await store.proofs.waiting()).toEqual([]);
});

test('one whose proof does not hold is said to be wrong', async () => {
  const { ask, store } = await askerOn(3);
  const answers = [{ signedAtSeconds: NOW - 700, verdict: 'bad-signature' as const }];
  await seedSettlements(store, [{ kind: 'batch', atSeconds: NOW - 600, answers }]);
  await proofsAreFresh(store);
  const view = await ask(`proof watch ${requestHashOf(1)}`);
  expect(view).toMatchObject({ title: 'Settled, and wrong: 0x000000…0001', tone: 'down' });
  expect(point(view)).toBe('Its proof does not hold (its signature does not hold).');
});

test('a Merkle root is no answer: what to do with it is said, and nothing is watched', async () => {
  const { ask, store } = await askerOn(3);
  await seedDay(store);
  const view = await ask(`proof watch ${rootOf(0)}`);
  expect(view.tone).toBe('error');
  expect(view.actions?.map(({ command }) => command)).toEqual([`proof check ${rootOf(0)}`]);
  expect(await store.proofs.waiting()).toEqual([]);
});

test('ten at a time a person, in any chat; another person has ten of their own', async () => {
  const { ask, bot, store } = await askerOn(3);
  await seedDay(store);
  for (let number = 0; number < 10; number += 1) {
    const place = number % 2 === 0 ? placeOf('discord') : placeOf('discord', { address: ELSEWHERE });
    expect((await ask(`proof watch ${hashOf(number)}`, place)).tone).toBe('info');
  }
  const eleventh = await ask(`proof watch ${hashOf(10)}`);
  expect(eleventh).toMatchObject({ title: 'Too many at once', tone: 'error' });
  expect(await store.proofs.waiting()).toHaveLength(10);
  const other = { ...callerOf('discord'), userId: '77' };
  expect((await bot.runText(`proof watch ${hashOf(10)}`, other, placeOf('discord'))).tone).toBe('info');
});

const ELSEWHERE = { platform: 'discord', chatId: 'elsewhere', threadId: null } as const;

test('nothing is watched before the chain’s clock is known, where the bot cannot post, nor in a terminal', async () => {
  const empty = await askerOn(0);
  expect((await empty.ask(`proof watch ${HEX}`)).title).toBe('Not known yet');
  const { ask, store } = await askerOn(3);
  const mute = placeOf('discord', { missingPermissions: async () => ['Embed Links'] });
  expect((await ask(`proof watch ${HEX}`, mute)).title).toBe('I cannot post here');
  expect((await ask(`proof watch ${HEX}`, placeOf('terminal'))).title).toBe('No chat to tell');
  expect(await store.proofs.waiting()).toEqual([]);
});

test('before settlements were read it can be watched all the same, and the answer says that nothing is known', async () => {
  const { ask, store } = await askerOn(3);
  const view = await ask(`proof watch ${HEX}`);
  expect(view).toMatchObject({ tone: 'info', asOf: null });
  expect(wordsOf(view)).toContain('the settlement log has not been asked yet');
  expect(await store.proofs.waiting()).toHaveLength(1);
});
