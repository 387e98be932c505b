import { describe, expect, test } from 'vitest';
import type { View } from '../../src/lib/view.ts';
import { FOREVER_MS } from '../../src/store/store.ts';
import { askerOn } from './ask.ts';
import { fire, resolve, sendAll } from './incidents.ts';
import { expectSafeEverywhere, wordsOf } from './judgeView.ts';
import { botOn, callerOf, NOW, NOW_MS, placeOf } from './seed.ts';

const address = placeOf('discord').address;

async function told(...nodes: number[]) {
  const asker = await askerOn(9);
  await asker.ask('alerts add node all');
  const incidents = [];
  for (const node of nodes) incidents.push(await fire(asker.store, node));
  const [message = 0] = await sendAll(asker.store);
  const seen = async () => await asker.store.incidents.ofMessage(address, message);
  return { ...asker, incidents, message, seen };
}

const commandsOf = (view: View) => view.actions?.map(({ command }) => command) ?? [];

describe('alerts ack', () => {
  test('answers with the alert, and who takes care of it since when', async () => {
    const { ask, message, seen } = await told(4);
    const view = await ask(`alerts ack ${message}`);
    expect(view.private).toBeUndefined();
    expect(view.title).toContain('gw3.og-nodes.example:8443');
    expect(view.lines.at(-1)).toEqual([{ strong: 'Acknowledged' }, ' by Mo', ' at ', { time: NOW }, '.']);
    expect(commandsOf(view)).not.toContain(`alerts ack ${message}`);
    expect((await seen()).map(({ notice }) => notice)).toEqual([
      expect.objectContaining({ acknowledgedBy: 'Mo', acknowledgedAtMs: NOW_MS }),
    ]);
  });

  test('who came first keeps it', async () => {
    const { bot, ask, message } = await told(4);
    await ask(`alerts ack ${message}`);
    const view = await bot.runText(
      `alerts ack ${message}`,
      { ...callerOf('discord'), name: 'Ann' },
      placeOf('discord'),
    );
    expect(wordsOf(view)).toContain('by Mo');
    expect(wordsOf(view)).not.toContain('Ann');
  });

  test('one message about several is acknowledged as a whole', async () => {
    const { ask, message, seen } = await told(4, 5, 6);
    const view = await ask(`alerts ack ${message}`);
    expect(wordsOf(view)).toMatch(/3 nodes/);
    expect((await seen()).map(({ notice }) => notice?.acknowledgedBy)).toEqual(['Mo', 'Mo', 'Mo']);
  });

  test('old buttons work after a restart', async () => {
    const { store, message, seen } = await told(4);
    const view = await botOn(store).runText(`alerts ack ${message}`, callerOf('discord'), placeOf('discord'));
    expect(wordsOf(view)).toContain('Acknowledged');
    expect((await seen())[0]?.notice?.acknowledgedBy).toBe('Mo');
  });

  test('what is over already says so to whoever pressed alone', async () => {
    const { ask, store, incidents, message, seen } = await told(4);
    for (const incident of incidents) await resolve(store, incident, 60);
    for (const line of [`alerts ack ${message}`, `alerts snooze ${message} 1h`, `alerts snooze ${message}`]) {
      expect(await ask(line), line).toMatchObject({ title: 'Over already', private: true, tone: 'error' });
    }
    expect((await seen())[0]?.notice?.acknowledgedBy).toBeNull();
  });

  test('a message of another chat, or none at all, is not known', async () => {
    const { ask, message, seen } = await told(4);
    expect((await ask(`alerts ack ${message}`, placeOf('telegram'))).title).toBe('Not known any more');
    expect(await ask('alerts ack 999999')).toMatchObject({ title: 'Not known any more', private: true });
    expect((await seen())[0]?.notice?.acknowledgedBy).toBeNull();
  });

  test.each([
    'alerts ack',
    'alerts ack 0',
    'alerts ack -1',
    'alerts ack 99999999999',
    'alerts snooze x 1h',
    'alerts snooze 1 2h',
  ])('%s does not fit', async (line) => {
    expect((await (await told(4)).ask(line)).title).toBe('That did not fit');
  });
});

describe('alerts snooze', () => {
  test.each([
    ['1h', { time: NOW + 3_600 }],
    ['4h', { time: NOW + 14_400 }],
    ['resolved', 'it is resolved'],
  ])('%s: says who and until when', async (choice, until) => {
    const { ask, message } = await told(4);
    const view = await ask(`alerts snooze ${message} ${choice}`);
    expect(view.lines.at(-1)).toEqual([{ strong: 'Snoozed' }, ' by Mo until ', until, '.']);
  });

  test('without a time the alert itself carries the choice, which then edits it', async () => {
    const { ask, message, seen } = await told(4);
    const choice = await ask(`alerts snooze ${message}`);
    expect(choice.title).toContain('gw3.');
    expect(choice.actions?.map(({ label, mode }) => [label, mode])).toEqual([
      ['Snooze 1 h', undefined],
      ['Snooze 4 h', undefined],
      ['Snooze until resolved', undefined],
      ['Acknowledge', undefined],
    ]);
    expect((await seen())[0]?.notice?.acknowledgedBy).toBeNull();
    const snoozed = await ask(choice.actions?.[0]?.command ?? '');
    expect(snoozed.lines.at(-1)).toEqual([{ strong: 'Snoozed' }, ' by Mo until ', { time: NOW + 3_600 }, '.']);
  });

  test('until resolved there are no more reminders', async () => {
    const { ask, store, message } = await told(4);
    await ask(`alerts snooze ${message} resolved`);
    const view: View = { title: 'Reminder', tone: 'down', lines: ['Still silent.'], asOf: null, sources: [] };
    expect(await store.incidents.remind(NOW_MS + 400 * 86_400_000, () => view)).toBe(0);
    expect(FOREVER_MS).toBeGreaterThan(NOW_MS + 400 * 86_400_000);
  });
});

test('a name that would be markup elsewhere is only a name', async () => {
  const { bot, message } = await told(4);
  const caller = { platform: 'discord' as const, userId: '7', name: `<@&1>\u202e **x** ${'y'.repeat(80)}` };
  const view = await bot.runText(`alerts ack ${message}`, caller, placeOf('discord'));
  expectSafeEverywhere(view);
  expect(wordsOf(view)).toContain(`by <@&1> **x** ${'y'.repeat(27)}…`);
});

describe('the mute button on an alert', () => {
  const mutesOf = async (store: Awaited<ReturnType<typeof told>>['store']) =>
    (await store.subscriptions.list(address)).mutes;

  test('answers with the alert, who muted its rule and until when, and keeps what else can be done', async () => {
    const { ask, message, store } = await told(4);
    const view = await ask(`alerts mute #${message}`);
    expect(view.title).toContain('gw3.og-nodes.example:8443');
    expect(view.private).toBeUndefined();
    expect(wordsOf(view)).toContain('Muted by Mo: this chat hears nothing of node.heartbeat until ');
    expect(commandsOf(view)).toEqual([
      `alerts ack ${message}`,
      `alerts snooze ${message}`,
      'alerts unmute node.heartbeat',
    ]);
    expect(await mutesOf(store)).toEqual([{ rule: 'node.heartbeat', untilMs: NOW_MS + 86_400_000, by: 'Mo' }]);
    expectSafeEverywhere(view);
  });

  test('leaves a snooze what it is', async () => {
    const { ask, message } = await told(4);
    await ask(`alerts snooze ${message} 4h`);
    const words = wordsOf(await ask(`alerts mute #${message} 2h`));
    expect(words).toContain('Snoozed by Mo until ');
    expect(words).not.toContain('Acknowledged');
  });

  test('of a message that is forgotten mutes nothing', async () => {
    const { ask, store } = await told(4);
    expect((await ask('alerts mute #999')).title).toBe('Not known any more');
    expect(await mutesOf(store)).toEqual([]);
  });
});
