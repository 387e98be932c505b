import { describe, expect, test } from 'vitest';
import type { Place } from '../../src/bot/command.ts';
import type { DeliveryOutcome } from '../../src/lib/delivery.ts';
import { askerOn } from './ask.ts';
import { incidentOf } from './incidents.ts';
import { wordsOf } from './judgeView.ts';
import { NOW_MS, ownerOf, placeOf, teeIdOf } from './seed.ts';

const nothing = { destinations: 0, subscriptions: 0 };

describe('alerts add', () => {
  test.each([
    ['all', 'all', '', 'all nodes'],
    ['ALL', 'all', '', 'all nodes'],
    [teeIdOf(3), 'node', '4', 'gw3.og-nodes.example:8443'],
    ['gw3.', 'node', '4', 'gw3.og-nodes.example:8443'],
    [
      `owner:${ownerOf(4)}`,
      'owner',
      ownerOf(4),
      `the nodes of ${ownerOf(4).slice(0, 8)}…${ownerOf(4).slice(-4)} (3 nodes now, and later ones)`,
    ],
    [`OWNER:${ownerOf(4).toUpperCase().replace('0X', '0x')}`, 'owner', ownerOf(4), '3 nodes now'],
  ])('node %s', async (target, scope, subject, words) => {
    const { ask, store } = await askerOn(9);
    const view = await ask(`alerts add node ${target}`);
    expect(view.title).toBe('Alerts are on');
    expect(wordsOf(view)).toContain(words);
    const { destination, subscriptions } = await store.subscriptions.list(placeOf('discord').address);
    expect(destination).toMatchObject({ state: 'active', title: 'The watchers' });
    expect(subscriptions).toEqual([
      expect.objectContaining({ family: 'node', scope, subject, createdBy: 'discord:4242', createdAtMs: NOW_MS }),
    ]);
  });

  test('the same again is already on, and stored once', async () => {
    const { ask, store } = await askerOn(6);
    await ask('alerts add node gw3.');
    const again = await ask(`alerts add node ${teeIdOf(3)}`);
    expect(again.title).toBe('Already on');
    expect(await store.subscriptions.counts()).toEqual({ destinations: 1, subscriptions: 1 });
  });

  test('the same node in two chats, and in two topics of one chat, is four different wishes', async () => {
    const { ask, store } = await askerOn(6);
    const places = [
      placeOf('discord'),
      placeOf('telegram'),
      placeOf('telegram', { address: { platform: 'telegram', chatId: 'telegram-here', threadId: '7' } }),
      placeOf('telegram', { address: { platform: 'telegram', chatId: 'telegram-here', threadId: '8' } }),
    ];
    for (const place of places) expect((await ask('alerts add node gw3.', place)).title).toBe('Alerts are on');
    expect(await store.subscriptions.counts()).toEqual({ destinations: 4, subscriptions: 4 });
    for (const place of places) expect((await store.subscriptions.list(place.address)).subscriptions).toHaveLength(1);
  });

  test.each([
    ['owner:0x12', 'Not an address'],
    ['owner:', 'Not an address'],
    ['nobody.example', 'No such node'],
    ['0xabcdef', 'More than one node fits'],
    [ownerOf(4), 'This owner has 3 nodes'],
    ['https://', 'No such node'],
  ])('%s is answered and stores nothing', async (target, title) => {
    const { ask, store } = await askerOn(9);
    expect((await ask(`alerts add node ${target}`)).title).toBe(title);
    expect(await store.subscriptions.counts()).toEqual(nothing);
  });

  test('a choice among several subscribes to the chosen one', async () => {
    const { ask, store } = await askerOn(6);
    const choice = await ask('alerts add node 0xabcdef');
    await ask(choice.actions?.[1]?.command ?? '');
    const { subscriptions } = await store.subscriptions.list(placeOf('discord').address);
    expect(subscriptions.map(({ scope, subject }) => [scope, subject])).toEqual([['node', '2']]);
  });

  test('without the right to post here it says which one is missing, and stores nothing', async () => {
    const { ask, store } = await askerOn(6);
    const place = placeOf('discord', { missingPermissions: async () => ['Send Messages', 'Embed Links'] });
    const view = await ask('alerts add node all', place);
    expect(view.title).toBe('I cannot post here');
    expect(wordsOf(view)).toContain('Missing here: Send Messages, Embed Links.');
    expect(await store.subscriptions.counts()).toEqual(nothing);
  });

  test('more than fifty are refused with a way on, and another chat is not concerned', async () => {
    const { ask, store } = await askerOn(6);
    for (let at = 0; at < 50; at += 1) await ask(`alerts add node owner:0x${String(at).padStart(40, '0')}`);
    const view = await ask('alerts add node all');
    expect(view).toMatchObject({ title: 'Too many alerts', tone: 'error' });
    expect(wordsOf(view)).toContain('This chat has 50 alerts');
    expect((await ask(view.actions?.[0]?.command ?? '')).lines[0]).toEqual([{ strong: '50 subscriptions' }]);
    expect((await ask(`alerts add node owner:0x${'0'.repeat(40)}`)).title).toBe('Already on');
    expect((await ask('alerts add node all', placeOf('telegram'))).title).toBe('Alerts are on');
    expect(await store.subscriptions.counts()).toEqual({ destinations: 2, subscriptions: 51 });
  });

  test.each([
    ['alerts add node all', '/alerts add <kind> <target>'],
    ['alerts add', '/alerts add <kind> <target>'],
    ['alerts list', '/alerts list'],
    ['alerts remove 1', '/alerts remove <number>'],
    ['alerts test', '/alerts test'],
  ])('%s: a terminal is no chat to tell, and what to ask elsewhere is said', async (text, usage) => {
    const { ask, store } = await askerOn(6);
    const view = await ask(text, placeOf('terminal'));
    expect(view).toMatchObject({ title: 'No chat to tell', tone: 'error' });
    expect(wordsOf(view)).toContain('Discord or Telegram');
    expect(wordsOf(view)).toContain(usage);
    expect(await store.subscriptions.counts()).toEqual(nothing);
  });

  test('adding again revives a chat that could not be reached', async () => {
    const { ask, store } = await askerOn(6);
    await ask('alerts add node all');
    const { destination } = await store.subscriptions.list(placeOf('discord').address);
    await store.subscriptions.markDead(destination?.id ?? 0, 'the bot was removed from the channel');
    const dead = await ask('alerts list');
    expect(dead.tone).toBe('degraded');
    expect(wordsOf(dead)).toContain('the bot was removed from the channel');
    await ask('alerts add node all');
    expect((await ask('alerts list')).tone).toBe('info');
  });

  test('a node that is silent right now is told of at once', async () => {
    const { ask, store } = await askerOn(6);
    const incident = incidentOf(4, { owner: ownerOf(3), detail: { label: 'gw3.og-nodes.example:8443' } });
    await store.incidents.apply([{ incident }], NOW_MS);
    const open = 'Open right now (you will hear when it ends): 1 incident.';
    for (const target of ['all', 'gw3.', `owner:${ownerOf(3)}`]) {
      expect((await ask(`alerts add node ${target}`)).lines, target).toContain(open);
    }
    for (const target of ['gw2.', `owner:${ownerOf(0)}`]) {
      expect((await ask(`alerts add node ${target}`)).lines, target).toContain('Nothing of it is wrong right now.');
    }
  });
});

describe('who may change what a chat hears', () => {
  const stranger = (platform: Place['platform']): Place => placeOf(platform, { callerManages: async () => false });

  test.each([
    'alerts add node all',
    'alerts setup reader',
    'alerts edit 1 critical',
    'alerts remove 1',
    'alerts pause all',
    'alerts mute node.heartbeat',
    'alerts unmute all',
    'alerts settings digest:daily',
    'alerts ack 1',
    'alerts snooze 1 1h',
    'alerts test',
  ])('%s is for those who manage it', async (line) => {
    const { ask, bot, store } = await askerOn(6);
    const view = await ask(line, stranger('discord'));
    expect(view).toMatchObject({ title: 'Not allowed', private: true });
    expect(wordsOf(view)).toContain('Manage Server');
    expect(wordsOf(await ask(line, stranger('telegram')))).toContain('administrators of this chat');
    expect(await store.subscriptions.counts()).toEqual(nothing);
    expect(bot.sent).toEqual([]);
  });

  test('everybody may see the list and ask about nodes', async () => {
    const { ask } = await askerOn(6);
    for (const line of [
      'alerts list',
      'alerts history all',
      'alerts rules',
      'network',
      'node list',
      'node status gw1.',
      'help',
      'about',
    ]) {
      expect((await ask(line, stranger('telegram'))).title, line).not.toBe('Not allowed');
    }
  });

  test('when the platform cannot say who manages it, nothing is changed', async () => {
    const { bot, store } = await askerOn(6);
    const place = placeOf('telegram', {
      callerManages: () => Promise.reject(new Error('getChatAdministrators failed')),
    });
    const view = await bot.runText('alerts add node all', { platform: 'telegram', userId: '1', name: 'Ann' }, place);
    expect(view.tone).toBe('error');
    expect(wordsOf(view)).not.toContain('getChatAdministrators');
    expect(bot.reported).toHaveLength(1);
    expect(await store.subscriptions.counts()).toEqual(nothing);
  });
});

describe('alerts test', () => {
  test('sends to this chat and says so', async () => {
    const { ask, bot } = await askerOn(6);
    const place = placeOf('telegram', { address: { platform: 'telegram', chatId: '-100', threadId: '9' } });
    expect((await ask('alerts test', place)).title).toBe('Test sent');
    expect(bot.sent.map(({ address, view }) => [address, view.title])).toEqual([[place.address, 'Test alert']]);
    // Discord's nonce.
    expect(bot.sent[0]?.idempotencyKey.length).toBeLessThanOrEqual(25);
  });

  test.each<[DeliveryOutcome, string]>([
    [{ kind: 'gone', reason: 'the bot was kicked from the group' }, 'The bot was kicked from the group.'],
    [{ kind: 'migrated', newChatId: '-1001' }, 'The group has moved; try again there.'],
    [
      { kind: 'retryAfter', ms: 3_000, global: false, detail: '429' },
      'The platform asks to wait; try again in a minute.',
    ],
    [{ kind: 'rejected', detail: 'code 50035 at prisma' }, 'The platform did not take it; try again in a minute.'],
    [{ kind: 'failed', detail: 'HTTP 502' }, 'The platform did not take it; try again in a minute.'],
    [{ kind: 'maybe', detail: 'socket hang up' }, 'The platform did not take it; try again in a minute.'],
  ])('that does not arrive is explained: $kind', async (outcome, words) => {
    const view = await (await askerOn(6, outcome)).ask('alerts test');
    expect(view).toMatchObject({ title: 'The test did not arrive', tone: 'error', lines: [words] });
  });
});

test('all and an owner can be asked for before the registry was ever read', async () => {
  const { ask, store } = await askerOn(0);
  const place = placeOf('telegram');
  expect((await ask('/alerts add node all', place)).title).toBe('Alerts are on');
  expect((await ask(`/alerts add node owner:${ownerOf(1)}`, place)).title).toBe('Alerts are on');
  expect((await store.subscriptions.list(place.address)).subscriptions).toHaveLength(2);
});

test('a test that arrives brings a chat back that was noted as lost', async () => {
  const { ask, store } = await askerOn(6);
  const place = placeOf('telegram');
  await ask('/alerts add node all', place);
  await store.subscriptions.placeGone(place.address, 'the bot was blocked', { wholeChat: true });
  expect(wordsOf(await ask('/alerts list', place))).toContain('the bot was blocked');
  await ask('/alerts test', place);
  expect((await store.subscriptions.list(place.address)).destination?.state).toBe('active');
});
