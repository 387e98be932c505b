import { describe, expect, test } from 'vitest';
import { FOREVER_MS } from '../../src/store/store.ts';
import { askerOn } from './ask.ts';
import { wordsOf } from './judgeView.ts';
import { NOW_MS, placeOf } from './seed.ts';

const address = placeOf('discord').address;

async function withAlerts() {
  const asker = await askerOn(6);
  await asker.ask('alerts add node all');
  const mutes = async () => (await asker.store.subscriptions.list(address)).mutes;
  return { ...asker, mutes };
}

describe('alerts mute', () => {
  test.each([
    ['node.heartbeat', 'node.heartbeat', NOW_MS + 86_400_000],
    ['NODE.HEARTBEAT 2h', 'node.heartbeat', NOW_MS + 7_200_000],
    ['2h', '', NOW_MS + 7_200_000],
    ['all forever', '', FOREVER_MS],
    ['for:"1h 30m" rule:node.disabled', 'node.disabled', NOW_MS + 5_400_000],
  ])('%s', async (line, rule, untilMs) => {
    const { ask, mutes } = await withAlerts();
    const view = await ask(`alerts mute ${line}`);
    expect(view.title).toBe(`Muted here: ${rule || 'everything'}`);
    expect(await mutes()).toEqual([{ rule, untilMs, by: 'Mo' }]);
    expect((await ask(view.actions?.[0]?.command ?? '')).title).toBe('Heard again');
    expect(await mutes()).toEqual([]);
  });

  test('without anything it asks which rule: one tap silences no chat', async () => {
    const { ask, bot, mutes } = await withAlerts();
    const which = await ask('alerts mute');
    expect(which.actions?.map(({ label }) => label)).toEqual(
      ['all', ...bot.context.rules.map(({ id }) => id)].slice(0, 10),
    );
    expect(await mutes()).toEqual([]);
    await ask(which.actions?.find(({ label }) => label === 'node.heartbeat')?.command ?? '');
    expect(await mutes()).toHaveLength(1);
  });

  test('again replaces it, and names whoever did it in readable letters', async () => {
    const { ask, bot, mutes } = await withAlerts();
    await ask('alerts mute node.heartbeat 1h');
    const caller = { platform: 'discord' as const, userId: '7', name: '\u202e**Eve**\n' };
    await bot.runText('alerts mute node.heartbeat 3h', caller, placeOf('discord'));
    expect(await mutes()).toEqual([{ rule: 'node.heartbeat', untilMs: NOW_MS + 10_800_000, by: '**Eve**' }]);
    await ask('alerts list');
  });

  test.each(['node.nonsense', 'rule:loud', 'for:10s', 'for:2y', 'all for:none'])('%s is refused', async (line) => {
    const { ask, mutes } = await withAlerts();
    expect((await ask(`alerts mute ${line}`)).tone).toBe('error');
    expect(await mutes()).toEqual([]);
  });

  test('a chat that hears of nothing has nothing to mute, and is not remembered for it', async () => {
    const { ask, store } = await askerOn(6);
    expect((await ask('alerts mute all')).title).toBe('Nothing to mute');
    expect(await store.subscriptions.counts()).toEqual({ destinations: 0, subscriptions: 0 });
  });
});

describe('alerts unmute', () => {
  test('offers what is muted or paused; all ends all of it', async () => {
    const { ask, store, mutes } = await withAlerts();
    await ask('alerts mute node.heartbeat');
    await ask('alerts mute node.disabled');
    await ask('alerts pause 1');
    const which = await ask('alerts unmute');
    expect(which.actions?.map(({ label }) => label).sort()).toEqual(['#1', 'all', 'node.disabled', 'node.heartbeat']);
    await ask('alerts unmute node.disabled');
    expect((await mutes()).map(({ rule }) => rule)).toEqual(['node.heartbeat']);
    expect(wordsOf(await ask(which.actions?.find(({ label }) => label === 'all')?.command ?? ''))).toContain(
      '2 mutes and pauses',
    );
    expect(await mutes()).toEqual([]);
    expect((await store.subscriptions.list(address)).subscriptions[0]?.pausedUntilMs).toBeNull();
  });

  test.each([
    ['alerts unmute', 'Nothing was muted'],
    ['alerts unmute all', 'Nothing was muted'],
    ['alerts unmute node.heartbeat', 'Nothing was muted'],
    ['alerts unmute 1', 'Nothing was muted'],
    ['alerts unmute node.nonsense', 'No such rule'],
    ['alerts unmute loudly', 'That did not fit'],
  ])('%s where nothing is muted: %s', async (line, title) => {
    expect((await (await withAlerts()).ask(line)).title).toBe(title);
  });
});
