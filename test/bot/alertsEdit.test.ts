import { describe, expect, test } from 'vitest';
import { askerOn } from './ask.ts';
import { wordsOf } from './judgeView.ts';
import { placeOf } from './seed.ts';

const address = placeOf('discord').address;

async function withAlerts(...targets: string[]) {
  const asker = await askerOn(6);
  for (const target of targets) await asker.ask(`alerts add node ${target}`);
  const stored = async () => (await asker.store.subscriptions.list(address)).subscriptions;
  return { ...asker, stored };
}

describe('alerts add with overrides', () => {
  test('keeps the rule, the severity, the delay and the mention', async () => {
    const { ask, stored } = await withAlerts();
    const view = await ask('alerts add node all node.heartbeat warning 10m <@&77>');
    expect(wordsOf(view)).toContain('only node.heartbeat');
    expect(view.lines).toContain('Told: warning and critical, when it has lasted 10 min, calls role 77.');
    expect(await stored()).toEqual([
      expect.objectContaining({
        rule: 'node.heartbeat',
        floor: 'warning',
        delaySeconds: 600,
        mention: 'role:77',
        threshold: null,
      }),
    ]);
  });

  test('one rule and all rules of the same nodes are two alerts', async () => {
    const { ask, stored } = await withAlerts('all');
    expect((await ask('alerts add node all node.heartbeat')).title).toBe('Alerts are on');
    expect(await stored()).toHaveLength(2);
  });

  test('what is on already keeps its overrides, and says how to change them', async () => {
    const { ask, stored } = await withAlerts('all critical');
    const again = await ask('alerts add node all warning');
    expect(again.title).toBe('Already on');
    expect(wordsOf(again)).toContain('/alerts edit 1 changes how it is told');
    expect((await stored())[0]?.floor).toBe('critical');
  });

  test.each([
    ['all node.nonsense', 'There is no rule “node.nonsense”'],
    ['all severity:loud', 'severity must be one of info, warning, critical'],
    ['all after:5s', 'after must be a time like'],
    ['all after:forever', 'after must be a time like'],
    ['all mention:everyone', 'mention must be a role or a person'],
    ['all mention:@everyone', 'everyone and here are not called'],
    ['all mention:name:somebody', 'On Discord pick a role or a person'],
    ['all critical 10m me you', 'has no place here'],
  ])('%s is refused in words, and nothing is stored', async (line, words) => {
    const { ask, store } = await withAlerts();
    const view = await ask(`alerts add node ${line}`);
    expect(view.tone).toBe('error');
    expect(wordsOf(view)).toContain(words);
    expect(await store.subscriptions.counts()).toEqual({ destinations: 0, subscriptions: 0 });
  });

  test('a mention that the place refuses is not kept', async () => {
    const { ask, store } = await withAlerts();
    const place = placeOf('discord', { mentionProblem: async () => 'That role may not be mentioned here.' });
    const view = await ask('alerts add node all mention:<@&77>', place);
    expect(view).toMatchObject({
      title: 'That cannot be called here',
      lines: ['That role may not be mentioned here.'],
    });
    expect(await store.subscriptions.counts()).toEqual({ destinations: 0, subscriptions: 0 });
  });

  test('Telegram calls people by name, and has no roles', async () => {
    const { ask, store } = await withAlerts();
    const place = placeOf('telegram');
    expect((await ask('alerts add node all mention:<@&77>', place)).tone).toBe('error');
    await ask('alerts add node all mention:@some_admin', place);
    const { subscriptions } = await store.subscriptions.list(place.address);
    expect(subscriptions.map(({ mention }) => mention)).toEqual(['name:some_admin']);
  });

  test('a choice among several nodes keeps what was said after it', async () => {
    const { ask, stored } = await withAlerts();
    const choice = await ask('alerts add node 0xabcdef node.heartbeat critical');
    await ask(choice.actions?.[1]?.command ?? '');
    expect(await stored()).toEqual([
      expect.objectContaining({ scope: 'node', subject: '2', rule: 'node.heartbeat', floor: 'critical' }),
    ]);
  });
});

describe('alerts edit', () => {
  test('a number alone shows the alert; its buttons change it', async () => {
    const { ask, stored } = await withAlerts('gw3.');
    const shown = await ask('alerts edit 1');
    expect(shown.title).toBe('Alert #1');
    expect(shown.lines).toContain('Told as its rules say.');
    for (const label of ['Critical only', 'Only after 10 min', 'Call me', 'Pause 1 d']) {
      await ask(shown.actions?.find((action) => action.label === label)?.command ?? label);
    }
    expect(await stored()).toEqual([
      expect.objectContaining({ floor: 'critical', delaySeconds: 600, mention: 'user:4242' }),
    ]);
    const changed = await ask('alerts edit #1');
    expect(wordsOf(changed)).toContain('Paused');
    for (const label of ['All severities', 'At once', 'Call nobody', 'Resume']) {
      await ask(changed.actions?.find((action) => action.label === label)?.command ?? label);
    }
    expect(await stored()).toEqual([
      expect.objectContaining({ floor: 'info', delaySeconds: null, mention: '', pausedUntilMs: null }),
    ]);
  });

  test('a threshold is kept within what its rule measures, and none takes it back', async () => {
    const { ask, bot, stored } = await withAlerts('all node.heartbeat');
    const range = bot.context.rules.find(({ id }) => id === 'node.heartbeat')?.threshold;
    expect(range).toBeTruthy();
    const { min, max, what } = range ?? { min: 0, max: 0, what: '' };
    for (const seconds of [min, max]) {
      const view = await ask(`alerts edit 1 threshold:${seconds}s`);
      expect(wordsOf(view)).toContain(what);
      expect((await stored())[0]?.threshold).toBe(seconds);
    }
    for (const seconds of [min - 1, max + 1]) {
      const view = await ask(`alerts edit 1 threshold:${seconds}s`);
      expect(view.tone).toBe('error');
      expect(wordsOf(view)).toContain(`threshold (${what}) must be from`);
    }
    expect((await stored())[0]?.threshold).toBe(max);
    await ask('alerts edit 1 threshold:none');
    expect((await stored())[0]?.threshold).toBeNull();
  });

  test('a threshold needs one rule, and a rule that measures something', async () => {
    const { ask, bot, stored } = await withAlerts('all');
    expect(wordsOf(await ask('alerts edit 1 threshold:40m'))).toContain('node.heartbeat');
    const silent = bot.context.rules.find(({ threshold }) => threshold === null)?.id ?? '';
    await ask(`alerts add node all ${silent}`);
    expect(wordsOf(await ask('alerts edit 2 threshold:40m'))).toContain(`${silent} measures nothing`);
    expect((await stored()).map(({ threshold }) => threshold)).toEqual([null, null]);
  });

  test('one bad value changes nothing of the others', async () => {
    const { ask, stored } = await withAlerts('all');
    const before = await stored();
    for (const change of [
      'critical mention:@everyone',
      'critical threshold:1s',
      'critical after:5s',
      'critical threshold:x',
    ]) {
      expect((await ask(`alerts edit 1 ${change}`)).tone, change).toBe('error');
    }
    expect(await stored()).toEqual(before);
  });

  test.each(['alerts edit 9', 'alerts edit 9 critical'])('%s: there is none', async (line) => {
    const view = await (await withAlerts('all')).ask(line);
    expect(view).toMatchObject({ title: 'No such alert', lines: ['This chat has no alert “9”.'] });
  });

  test('without a number it offers those of this chat, and says so when there are none', async () => {
    const { ask } = await withAlerts();
    expect(wordsOf(await ask('alerts edit'))).toContain('Missing: Number from /alerts list');
    await ask('alerts add node all');
    const which = await ask('alerts edit');
    expect((await ask(which.actions?.[0]?.command ?? '')).title).toBe('Alert #1');
  });
});
