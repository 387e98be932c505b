import { describe, expect, test } from 'vitest';
import { DEFAULT_SETTINGS } from '../../src/bot/chatSettings.ts';
import { askerOn } from './ask.ts';
import { fire, sendAll } from './incidents.ts';
import { wordsOf } from './judgeView.ts';
import { NOW_MS, placeOf } from './seed.ts';

const address = placeOf('discord').address;

async function chat() {
  const asker = await askerOn(6);
  const destination = async () => (await asker.store.subscriptions.list(address)).destination;
  return { ...asker, destination };
}

describe('alerts settings', () => {
  test('shows the defaults of a chat that never chose, and stores nothing', async () => {
    const { ask, store } = await chat();
    const view = await ask('alerts settings');
    expect(view.lines[0]).toBe('No quiet hours. Time zone UTC, dates as numbers.');
    expect(await store.subscriptions.counts()).toEqual({ destinations: 0, subscriptions: 0 });
  });

  test.each<[string, object]>([
    ['zone:europe/berlin', { timeZone: 'Europe/Berlin' }],
    ['quiet:22:00-07:00', { quiet: { fromMinute: 1_320, toMinute: 420, criticalPasses: true } }],
    ['quiet:22:00-07:00 critical:wait', { quiet: { fromMinute: 1_320, toMinute: 420, criticalPasses: false } }],
    ['dates:de', { locale: 'de' }],
    ['resolve:both', { resolveStyle: 'both' }],
    ['digest:weekly at:18:15', { digest: 'weekly', digestMinute: 1_095 }],
    ['escalate:15m', { escalation: { afterSeconds: 900, mention: '', toId: null } }],
    ['escalate:1h mention:<@5>', { escalation: { afterSeconds: 3_600, mention: 'user:5', toId: null } }],
  ])('%s', async (line, changes) => {
    const { ask, destination } = await chat();
    expect((await ask(`alerts settings ${line}`)).title).toBe('Settings changed');
    expect((await destination())?.settings).toEqual({ ...DEFAULT_SETTINGS, ...changes });
  });

  test('an escalation also goes to the private chat of whoever says so, once there is one', async () => {
    const { ask, destination, store } = await chat();
    const refused = await ask('alerts settings escalate:15m to:me');
    expect(refused).toMatchObject({ title: 'No private chat yet', tone: 'error' });
    expect(await store.subscriptions.counts()).toEqual({ destinations: 0, subscriptions: 0 });
    const own = placeOf('discord', {
      kind: 'private',
      address: { platform: 'discord', chatId: '777', threadId: null },
    });
    await ask('alerts add node all', own);
    const ownId = (await store.subscriptions.list(own.address)).destination?.id;
    const view = await ask('alerts settings escalate:15m to:me');
    expect(wordsOf(view)).toContain('in a private chat as well');
    expect((await destination())?.settings.escalation).toEqual({ afterSeconds: 900, mention: '', toId: ownId });
    await ask('alerts settings to:here');
    expect((await destination())?.settings.escalation).toEqual({ afterSeconds: 900, mention: '', toId: null });
  });

  test('what is not said stays as it was', async () => {
    const { ask, destination } = await chat();
    await ask('alerts settings zone:Europe/Berlin quiet:22:00-07:00 critical:wait escalate:15m mention:me');
    await ask('alerts settings quiet:23:00-06:00');
    await ask('alerts settings escalate:30m');
    await ask('alerts settings digest:daily');
    expect((await destination())?.settings).toEqual({
      ...DEFAULT_SETTINGS,
      timeZone: 'Europe/Berlin',
      quiet: { fromMinute: 1_380, toMinute: 360, criticalPasses: false },
      escalation: { afterSeconds: 1_800, mention: 'user:4242', toId: null },
      digest: 'daily',
    });
    await ask('alerts settings quiet:off escalate:off digest:off');
    expect((await destination())?.settings).toEqual({ ...DEFAULT_SETTINGS, timeZone: 'Europe/Berlin' });
  });

  test('the moments that follow are stored and said: it is noon in UTC', async () => {
    const { ask, destination } = await chat();
    const view = await ask('alerts settings zone:Europe/Berlin quiet:22:00-07:00 digest:daily at:09:00');
    const tonight = Date.UTC(2026, 10, 21, 21);
    const tomorrow = Date.UTC(2026, 10, 22, 8);
    expect(await destination()).toMatchObject({
      quietUntil: { fromMs: tonight, toMs: Date.UTC(2026, 10, 22, 6) },
      nextDigestAtMs: tomorrow,
    });
    expect(view.lines).toContainEqual(['Next quiet from ', { time: tonight / 1000 }, '.']);
    expect(view.lines).toContainEqual(['Next digest ', { time: tomorrow / 1000 }, '.']);
    await ask('alerts settings zone:Asia/Tokyo');
    expect(await destination()).toMatchObject({
      quietUntil: { fromMs: Date.UTC(2026, 10, 21, 13), toMs: Date.UTC(2026, 10, 21, 22) },
      nextDigestAtMs: Date.UTC(2026, 10, 22, 0),
    });
  });

  test('what was held is told when the quiet hours are taken back', async () => {
    const { ask, store } = await chat();
    await ask('alerts add node all');
    const quiet = await ask('alerts settings quiet:11:00-13:00 critical:wait');
    expect(quiet.lines).toContainEqual(['It is quiet here until ', { time: NOW_MS / 1000 + 3_600 }, '.']);
    await fire(store, 3);
    expect(await sendAll(store)).toEqual([]);
    await ask('alerts settings quiet:off');
    expect(await sendAll(store)).toHaveLength(1);
  });

  test.each([
    ['zone:Mars/Olympus', 'zone must be a time zone like'],
    ['zone:+02:00', 'zone must be a time zone like'],
    ['quiet:25:00-07:00', 'quiet must be a time like'],
    ['quiet:07:00-07:00', 'quiet must be a time like'],
    ['quiet:22-7', 'quiet must be a time like'],
    ['dates:klingon!', 'dates must be a language like'],
    ['dates:xx-YY', 'dates must be a language like'],
    ['resolve:loud', 'resolve must be one of'],
    ['digest:yearly', 'digest must be one of'],
    ['at:24:00', 'at must be a time of day'],
    ['escalate:5s', 'escalate must be a time like'],
    ['escalate:2d', 'escalate must be a time like'],
    ['critical:wait', 'critical says what passes in quiet hours'],
    ['mention:me', 'mention and to say whom an escalation reaches'],
    ['escalate:15m mention:@everyone', 'everyone and here are not called'],
    ['zone:Europe/Berlin digest:yearly', 'digest must be one of'],
  ])('%s is refused in words, and nothing is stored', async (line, words) => {
    const { ask, store } = await chat();
    const view = await ask(`alerts settings ${line}`);
    expect(view.tone).toBe('error');
    expect(wordsOf(view)).toContain(words);
    expect(await store.subscriptions.counts()).toEqual({ destinations: 0, subscriptions: 0 });
  });

  test('its buttons turn quiet hours, digest and escalation on and off', async () => {
    const { ask, destination } = await chat();
    let view = await ask('alerts settings');
    for (const label of ['Quiet 22:00-07:00', 'Daily digest', 'Escalate after 15 min']) {
      view = await ask(view.actions?.find((action) => action.label === label)?.command ?? label);
    }
    expect((await destination())?.settings).toMatchObject({ digest: 'daily', escalation: { afterSeconds: 900 } });
    for (const label of ['No quiet hours', 'No digest', 'No escalation']) {
      view = await ask(view.actions?.find((action) => action.label === label)?.command ?? label);
    }
    expect((await destination())?.settings).toEqual(DEFAULT_SETTINGS);
  });

  test('time zones are suggested while typing', async () => {
    const { bot } = await chat();
    const zones = async (typed: string) =>
      (await bot.suggest(['alerts', 'settings'], 'zone', typed)).map(({ value }) => value);
    expect(await zones('berl')).toEqual(['Europe/Berlin']);
    expect((await zones('new y'))[0]).toBe('America/New_York');
    expect(await zones('')).toHaveLength(25);
    expect(await zones('nowhere')).toEqual([]);
  });
});
