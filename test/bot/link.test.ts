import { describe, expect, test } from 'vitest';
import type { Caller, Place } from '../../src/bot/command.ts';
import { hashOf, makeCode, readCode } from '../../src/bot/linkCode.ts';
import type { PlatformName } from '../../src/lib/delivery.ts';
import { secureRandom } from '../../src/lib/random.ts';
import type { View } from '../../src/lib/view.ts';
import { type Asker, askerOn } from './ask.ts';
import { expectClear, expectSafeEverywhere, wordsOf } from './judgeView.ts';
import { NOW_MS, placeOf } from './seed.ts';

const MINUTE_MS = 60_000;

/** A private chat: on Telegram its number is the person's own, on Discord it is not. */
const privateChat = (platform: PlatformName, userId: string, changes: Partial<Place> = {}): Place =>
  placeOf(platform, {
    kind: 'private',
    title: 'direct messages',
    address: { platform, chatId: platform === 'telegram' ? userId : `dm-${userId}`, threadId: null },
    ...changes,
  });

interface Person {
  caller: Caller;
  place: Place;
  say(line: string, place?: Place): Promise<View>;
}

function personOn({ bot }: Asker, platform: PlatformName, userId: string): Person {
  const caller = { platform, userId, name: `Mo ${userId}` };
  const own = privateChat(platform, userId);
  return {
    caller,
    place: own,
    async say(line, place = own) {
      const view = await bot.runText(line, caller, place);
      expectClear(view, line);
      expectSafeEverywhere(view);
      expect(bot.reported).toEqual([]);
      return view;
    },
  };
}

const codeIn = (view: View): string => /\/link ([A-Z2-9]{10})/.exec(wordsOf(view))?.[1] ?? '';

async function twoApps(nodes = 3) {
  const asker = await askerOn(nodes);
  return { asker, discord: personOn(asker, 'discord', '11'), telegram: personOn(asker, 'telegram', '77') };
}

async function linkBoth({ discord, telegram }: { discord: Person; telegram: Person }): Promise<View> {
  return await telegram.say(`/link ${codeIn(await discord.say('/link'))}`);
}

/** The clock of the bot moves on. */
function later({ bot }: Asker, ms: number): void {
  bot.context.clock = { ...bot.context.clock, now: () => NOW_MS + ms };
}

describe('a code', () => {
  test('has ten characters that cannot be taken for one another, and is never the same', () => {
    const codes = Array.from({ length: 2_000 }, () => makeCode(secureRandom));
    for (const code of codes) expect(code).toMatch(/^[A-HJ-NP-Z2-9]{10}$/);
    expect(new Set(codes).size).toBe(codes.length);
    expect(makeCode(() => 0)).toBe('AAAAAAAAAA');
    expect(makeCode(() => 1 - 2 ** -47)).toBe('9999999999');
  });

  test('is read however it is typed, and nothing else is', () => {
    for (const typed of ['ABCDE23456', 'abcde23456', ' abcde-23456 ', 'ABCDE 23456']) {
      expect(readCode(typed)).toBe('ABCDE23456');
    }
    for (const typed of ['', 'ABCDE2345', 'ABCDE234567', 'ABCDE2345O', 'ÀBCDE23456', 'ABCDE2345\0']) {
      expect(readCode(typed)).toBeNull();
    }
  });
});

describe('/link', () => {
  test('gives a code in a private chat, says what to do with it, and keeps only its hash', async () => {
    const { asker, discord } = await twoApps();
    const view = await discord.say('/link');
    expect(view).toMatchObject({ title: 'Link your accounts', private: true });
    const code = codeIn(view);
    expect(code).toHaveLength(10);
    expect(wordsOf(view)).toContain('on the other app');
    expect(await asker.store.accounts.redeem(code, 'telegram:77', NOW_MS)).toBe('unknown');
    expect(await asker.store.accounts.redeem(hashOf(code), 'telegram:77', NOW_MS)).toBe('linked');
  });

  test('with the code in the other app links the two, in either direction, and names the other', async () => {
    const apps = await twoApps();
    const view = await linkBoth(apps);
    expect(view.title).toBe('Linked');
    expect(wordsOf(view)).toContain('Discord account 11');
    const seen = await apps.discord.say('/link');
    expect(seen.title).toBe('Your accounts are linked');
    expect(wordsOf(seen)).toContain('Telegram account 77');
    expect(seen.actions?.at(-1)).toMatchObject({ command: 'link unlink', style: 'danger' });
  });

  test('a code works once', async () => {
    const { asker, discord, telegram } = await twoApps();
    const code = codeIn(await discord.say('/link'));
    await telegram.say(`/link ${code}`);
    expect((await personOn(asker, 'telegram', '78').say(`/link ${code}`)).title).toBe('That code does not work');
  });

  test('a code lives ten minutes, and the newest is the only one', async () => {
    const { asker, discord, telegram } = await twoApps();
    const first = codeIn(await discord.say('/link'));
    const second = codeIn(await discord.say('/link'));
    expect((await telegram.say(`/link ${first}`)).title).toBe('That code does not work');
    later(asker, 10 * MINUTE_MS);
    expect((await telegram.say(`/link ${second}`)).title).toBe('That code does not work');
  });

  test('one’s own code links nothing, and can still be used where it is meant for', async () => {
    const { discord, telegram } = await twoApps();
    const code = codeIn(await discord.say('/link'));
    expect((await discord.say(`/link ${code}`)).title).toBe('That is your own code');
    expect((await telegram.say(`/link ${code}`)).title).toBe('Linked');
  });

  test('after five wrong codes the account waits, others do not, and even the right code is not taken', async () => {
    const { asker, discord, telegram } = await twoApps();
    const code = codeIn(await discord.say('/link'));
    for (let index = 0; index < 5; index += 1) {
      expect((await telegram.say(`/link ABCDEFGH${index + 2}2`)).title).toBe('That code does not work');
    }
    expect((await telegram.say(`/link ${code}`)).title).toBe('Too many wrong codes');
    expect((await personOn(asker, 'telegram', '78').say('/link ABCDE23456')).title).toBe('That code does not work');
    later(asker, 10 * MINUTE_MS - 1);
    expect((await telegram.say('/link ABCDE23456')).title).toBe('Too many wrong codes');
    later(asker, 10 * MINUTE_MS);
    const fresh = codeIn(await discord.say('/link'));
    expect((await telegram.say(`/link ${fresh}`)).title).toBe('Linked');
  });

  test('what is no code at all is refused without counting', async () => {
    const { discord, telegram } = await twoApps();
    const code = codeIn(await discord.say('/link'));
    for (let index = 0; index < 9; index += 1) expect((await telegram.say('/link 123')).title).toBe('That did not fit');
    expect((await telegram.say(`/link ${code}`)).title).toBe('Linked');
  });

  test('in a shared chat it says, to the asker alone, that this belongs in a private chat', async () => {
    const { asker, discord } = await twoApps();
    for (const kind of ['group', 'channel', 'terminal'] as const) {
      const view = await discord.say('/link', placeOf('discord', { kind }));
      expect(view).toMatchObject({ title: 'Ask me in a private chat', private: true });
    }
    expect(await asker.store.accounts.linked('discord:11')).toEqual(['discord:11']);
  });

  test('unlinking leaves both alone, and says so when there was nothing', async () => {
    const apps = await twoApps();
    await linkBoth(apps);
    expect((await apps.telegram.say('/link unlink')).title).toBe('Unlinked');
    expect((await apps.discord.say('/link unlink')).title).toBe('Not linked');
    expect(codeIn(await apps.discord.say('/link'))).toHaveLength(10);
  });
});

describe('alerts of linked accounts', () => {
  async function bothHear() {
    const apps = await twoApps(6);
    await apps.discord.say('/alerts add node all');
    await apps.telegram.say('/alerts add node gw1.');
    await linkBoth(apps);
    return apps;
  }

  test('are listed in either private chat, marked with the app', async () => {
    const { discord, telegram } = await bothHear();
    expect(wordsOf(await discord.say('/alerts list'))).toMatch(
      /#1 all nodes[\s\S]*Your private chat on Telegram[\s\S]*#2 node gw1\./,
    );
    expect(wordsOf(await telegram.say('/alerts list'))).toMatch(
      /#2 node gw1\.[\s\S]*Your private chat on Discord[\s\S]*#1 all/,
    );
  });

  test('are listed where nothing else is heard', async () => {
    const { asker, discord, telegram } = await bothHear();
    await discord.say('/alerts remove 1');
    const words = wordsOf(await discord.say('/alerts list'));
    expect(words).toContain('This chat hears of nothing yet.');
    expect(words).toContain('alerts edit 2');
    expect((await asker.store.subscriptions.list(telegram.place.address)).subscriptions).toHaveLength(1);
  });

  test('are changed, paused, heard again and removed by number from the other app', async () => {
    const { asker, discord, telegram } = await bothHear();
    const theirs = async () => (await asker.store.subscriptions.list(telegram.place.address)).subscriptions[0];
    expect((await discord.say('/alerts edit 2 critical')).title).toBe('Changed: alert #2');
    expect((await theirs())?.floor).toBe('critical');
    await discord.say('/alerts pause 2 2h');
    expect((await theirs())?.pausedUntilMs).toBe(NOW_MS + 120 * MINUTE_MS);
    await discord.say('/alerts unmute 2');
    expect((await theirs())?.pausedUntilMs).toBeNull();
    expect((await discord.say('/alerts remove 2')).title).toBe('Removed');
    expect(await theirs()).toBeUndefined();
  });

  test('call nobody by a name of the other app', async () => {
    const { asker, discord, telegram } = await bothHear();
    const view = await discord.say('/alerts edit 2 critical mention:me');
    expect(view.title).toBe('Not from here');
    const [one] = (await asker.store.subscriptions.list(telegram.place.address)).subscriptions;
    expect(one).toMatchObject({ mention: '', floor: 'info' });
    expect((await discord.say('/alerts edit 2 mention:none')).title).toBe('Changed: alert #2');
  });

  test('are not to be seen or touched from a shared chat, from one of other people, or after unlinking', async () => {
    const apps = await bothHear();
    const { discord } = apps;
    const brought = privateChat('discord', 'others', { missingPermissions: async () => ['the bot itself'] });
    for (const place of [placeOf('discord'), brought]) {
      expect(wordsOf(await discord.say('/alerts list', place))).not.toContain('#2');
      expect((await discord.say('/alerts remove 2', place)).title).toBe('No such alert');
    }
    await discord.say('/link unlink');
    expect(wordsOf(await discord.say('/alerts list'))).not.toContain('#2');
    expect((await discord.say('/alerts remove 2')).title).toBe('No such alert');
  });

  test('of nobody else can be reached', async () => {
    const { asker } = await bothHear();
    const stranger = personOn(asker, 'telegram', '99');
    for (const number of ['1', '2']) {
      expect((await stranger.say(`/alerts remove ${number}`)).title).toBe('No such alert');
      expect((await stranger.say(`/alerts edit ${number} critical`)).title).toBe('No such alert');
    }
    expect(await asker.store.subscriptions.counts()).toEqual({ destinations: 2, subscriptions: 2 });
  });
});
