import { describe, expect, test } from 'vitest';
import type { Caller, Place } from '../../src/bot/command.ts';
import type { View } from '../../src/lib/view.ts';
import { type Asker, askerOn } from './ask.ts';
import { fire } from './incidents.ts';
import { expectClear, expectSafeEverywhere, wordsOf } from './judgeView.ts';
import { NOW_MS, placeOf } from './seed.ts';

const mo: Caller = { platform: 'discord', userId: '11', name: 'Mo' };
const moOnTelegram: Caller = { platform: 'telegram', userId: '77', name: 'Mo' };
const dm = placeOf('discord', {
  kind: 'private',
  title: 'direct messages',
  address: { platform: 'discord', chatId: 'dm-11', threadId: null },
});
const telegramChat = placeOf('telegram', {
  kind: 'private',
  title: 'Mo',
  address: { platform: 'telegram', chatId: '77', threadId: null },
});
const shared = placeOf('discord', { title: '#nodes *of* <b>ours</b>' });

async function say({ bot }: Asker, line: string, place: Place = dm, caller: Caller = mo): Promise<View> {
  const view = await bot.runText(line, caller, place);
  expectClear(view, line);
  expectSafeEverywhere(view);
  expect(bot.reported).toEqual([]);
  return view;
}

/** Mo has alerts of his own, some for a community, a mute there, and a second account. */
async function withMo(): Promise<Asker> {
  const asker = await askerOn(6);
  await say(asker, 'alerts add node all');
  await say(asker, 'alerts add node gw1. mention:me', shared);
  await say(asker, 'alerts add node gw2.', shared);
  await say(asker, 'alerts mute node.disabled 2h', shared);
  await say(asker, 'alerts add node all', telegramChat, moOnTelegram);
  const code = /\/link (\w{10})/.exec(wordsOf(await say(asker, 'link')))?.[1];
  await say(asker, `link ${code}`, telegramChat, moOnTelegram);
  return asker;
}

const NOTHING = ['Nothing is stored about you.'];

describe('privacy show', () => {
  test('names everything about the asker, over linked accounts, in words and in a file', async () => {
    const asker = await withMo();
    const view = await say(asker, 'privacy show');
    expect(view).toMatchObject({ private: true, file: { name: 'assay-about-you-2026-11-21.json' } });
    expect(view.lines).toEqual([
      '• linked accounts: Discord account 11, Telegram account 77',
      '• your private chat with this bot: Discord, Telegram',
      '• 4 alerts that you set up: 2 in #nodes *of* <b>ours</b> (Discord), 1 in direct messages (Discord), 1 in Mo (Telegram)',
      '• 1 mute that you set',
      '• 1 alert or escalation that calls you by number',
      'The file has all of it.',
    ]);
    const file = JSON.parse(view.file?.text ?? '') as Record<string, unknown>;
    expect(file).toMatchObject({ 'assay-person': 1, at: '2026-11-21T12:00:00.000Z', mutes: 1, mentions: 1 });
    const { accounts, subscriptions } = await asker.store.accounts.stored('discord:11');
    expect(file).toMatchObject({ accounts, subscriptions });
  });

  test('of somebody unknown says that nothing is stored', async () => {
    const asker = await withMo();
    const stranger: Caller = { platform: 'discord', userId: '999', name: 'Other' };
    const view = await say(asker, 'privacy show', dm, stranger);
    expect(view).toMatchObject({ title: 'Stored about you', lines: NOTHING, private: true });
    expect(view.file).toBeUndefined();
  });

  test.each(['privacy show', 'privacy forget', 'privacy forget confirm:yes'])(
    '%s in a shared chat of Telegram, which everybody reads, points to a private one',
    async (line) => {
      const asker = await withMo();
      const before = await asker.store.accounts.stored('telegram:77');
      const view = await say(asker, line, placeOf('telegram'), moOnTelegram);
      expect(view.title).toBe('Ask me in a private chat');
      expect(await asker.store.accounts.stored('telegram:77')).toEqual(before);
    },
  );

  test('on a server of Discord the answer is for the asker alone', async () => {
    const asker = await withMo();
    expect(await say(asker, 'privacy show', shared)).toMatchObject({ title: 'Stored about you', private: true });
  });
});

describe('privacy forget', () => {
  test('says first what goes and what stays, and changes nothing', async () => {
    const asker = await withMo();
    const before = await asker.store.accounts.stored('discord:11');
    const view = await say(asker, 'privacy forget');
    expect(view.title).toBe('Forget you?');
    expect(wordsOf(view)).toContain('It cannot be undone.');
    expect(view.actions?.[0]).toMatchObject({ command: 'privacy forget confirm:yes', style: 'danger' });
    expect(await asker.store.accounts.stored('discord:11')).toEqual(before);
  });

  test('confirmed removes the person from everything, and leaves a community its alerts', async () => {
    const asker = await withMo();
    const view = await say(asker, 'privacy forget confirm:yes');
    expect(view).toMatchObject({ title: 'Forgotten', private: true });
    expect(wordsOf(view)).toContain('4 alerts that you set up');
    for (const caller of [mo, moOnTelegram]) {
      const place = caller === mo ? dm : telegramChat;
      expect((await say(asker, 'privacy show', place, caller)).lines).toEqual(NOTHING);
    }
    const { subscriptions, mutes } = await asker.store.subscriptions.list(shared.address);
    expect(subscriptions.map(({ createdBy, mention }) => [createdBy, mention])).toEqual([
      ['forgotten', ''],
      ['forgotten', ''],
    ]);
    expect(mutes.map(({ by }) => by)).toEqual(['forgotten']);
    expect(await asker.store.subscriptions.counts()).toEqual({ destinations: 1, subscriptions: 2 });
    expect((await say(asker, 'privacy forget confirm:yes')).lines).toEqual(NOTHING);
  });

  test('touches nobody else', async () => {
    const asker = await withMo();
    const stranger: Caller = { platform: 'discord', userId: '999', name: 'Other' };
    expect((await say(asker, 'privacy forget', shared, stranger)).title).toBe('Nothing to forget');
    expect((await say(asker, 'privacy forget confirm:yes', shared, stranger)).title).toBe('Nothing to forget');
    expect((await asker.store.accounts.stored('discord:11')).subscriptions).toHaveLength(4);
  });

  test('ends a code of /link that waits, even when nothing else is known', async () => {
    const asker = await askerOn(0);
    const code = /\/link (\w{10})/.exec(wordsOf(await say(asker, 'link')))?.[1];
    await say(asker, 'privacy forget confirm:yes');
    expect((await say(asker, `link ${code}`, telegramChat, moOnTelegram)).title).toBe('That code does not work');
    expect(await asker.store.accounts.linked('telegram:77')).toEqual(['telegram:77']);
  });

  test('counts what was acknowledged, and takes the name from it', async () => {
    const asker = await withMo();
    const incident = await fire(asker.store, 2);
    await asker.store.incidents.attend({
      ...{ address: shared.address, incidentIds: [incident.id], by: 'Mo', byId: 'discord:11' },
      ...{ nowMs: NOW_MS, snoozedUntilMs: null },
    });
    expect((await say(asker, 'privacy show')).lines).toContain('• 1 alert that you acknowledged or snoozed');
    await say(asker, 'privacy forget confirm:yes');
    const { destination } = await asker.store.subscriptions.list(shared.address);
    const [seen] = await asker.store.incidents.recent({ limit: 1, destinationId: destination?.id ?? 0 });
    expect(seen?.notice?.acknowledgedBy).toBe('forgotten');
  });
});
