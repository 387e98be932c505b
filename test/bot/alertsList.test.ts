import { describe, expect, test } from 'vitest';
import { FOREVER_MS } from '../../src/store/store.ts';
import { askerOn } from './ask.ts';
import { wordsOf } from './judgeView.ts';
import { botOn, callerOf, NOW_MS, ownerOf, placeOf } from './seed.ts';

const address = placeOf('discord').address;

describe('alerts list', () => {
  test('every alert has a number, what it is about, what it changes, and a button', async () => {
    const { ask } = await askerOn(9);
    await ask('alerts add node all');
    await ask('alerts add node gw3. critical 10m me');
    await ask(`alerts add node owner:${ownerOf(4)} node.heartbeat`);
    const list = await ask('alerts list');
    expect(list.private).toBe(true);
    expect(list.lines[0]).toEqual([{ strong: '3 subscriptions' }]);
    const owner = `${ownerOf(4).slice(0, 8)}…${ownerOf(4).slice(-4)}`;
    expect(list.lines.slice(1, 4)).toEqual([
      [{ code: '#1' }, ' all nodes'],
      [{ code: '#2' }, ' node gw3.og-nodes.example:8443, critical only, when it has lasted 10 min, calls user 4242'],
      [{ code: '#3' }, ` nodes of ${owner}: only node.heartbeat`],
    ]);
    const second = await ask(list.actions?.find(({ label }) => label === '#2')?.command ?? '');
    expect(second.title).toBe('Alert #2');
  });

  test('says how the chat hears, in two lines', async () => {
    const { ask } = await askerOn(6);
    await ask('alerts add node all');
    expect((await ask('alerts list')).lines.slice(-2)).toEqual([
      'No quiet hours. Time zone UTC, dates as numbers.',
      'The end of an alert is told as a reply; no digest; no escalation.',
    ]);
    await ask(
      'alerts settings zone:Europe/Berlin quiet:22:00-07:00 dates:de-DE digest:daily at:8:30 escalate:15m mention:me',
    );
    expect((await ask('alerts list')).lines.slice(-2)).toEqual([
      'Quiet from 22:00 to 07:00, critical alerts pass. Time zone Europe/Berlin, dates as in de-DE.',
      'The end of an alert is told as a reply; daily digest at 08:30; an unacknowledged critical alert is told again after 15 min and calls user 4242.',
    ]);
  });

  test('what is paused or muted says until when, and one button ends all of it', async () => {
    const { ask } = await askerOn(6);
    await ask('alerts add node all');
    await ask('alerts add node gw3.');
    await ask('alerts pause 2 2h');
    await ask('alerts mute node.heartbeat forever');
    const list = await ask('alerts list');
    expect(list.lines[2]).toEqual([
      { code: '#2' },
      ' node gw3.og-nodes.example:8443',
      '; paused ',
      'until ',
      { time: NOW_MS / 1000 + 7_200 },
    ]);
    expect(list.lines[3]).toEqual([{ strong: 'Muted' }, ': node.heartbeat ', 'until somebody ends it', ' by Mo']);
    await ask(list.actions?.find(({ label }) => label === 'Unmute all')?.command ?? '');
    expect(wordsOf(await ask('alerts list'))).not.toMatch(/[Mm]uted|paused/);
  });

  test('an empty list offers to begin', async () => {
    const view = await (await askerOn(6)).ask('alerts list');
    expect(view.lines).toEqual(['This chat hears of nothing yet.']);
    expect(view.actions?.map(({ command }) => command)).toEqual(['alerts setup', 'alerts add node all']);
  });

  test('forty alerts are four pages, and a page past the end is the last', async () => {
    const { ask } = await askerOn(50);
    for (let index = 0; index < 40; index += 1) await ask(`alerts add node gw${index}.`);
    const first = await ask('alerts list');
    expect(first.lines[0]).toEqual([{ strong: '40 subscriptions' }]);
    expect(first.page).toEqual({ number: 1, of: 4, command: 'alerts list' });
    const third = await ask(`${first.page?.command} page:3`);
    expect(third.lines[1]).toEqual([{ code: '#21' }, ' node gw20.og-nodes.example:8443']);
    expect((await ask('alerts list 999')).page?.number).toBe(4);
    expect((await ask('alerts list page:0')).tone).toBe('error');
  });

  test('after a restart it says the same', async () => {
    const { ask, store } = await askerOn(6);
    await ask('alerts add node gw3. critical');
    const again = botOn(store);
    const list = await again.runText('alerts list', callerOf('discord'), placeOf('discord'));
    expect(list).toEqual(await ask('alerts list'));
  });
});

describe('alerts remove', () => {
  test('removes that one, once', async () => {
    const { ask, store } = await askerOn(9);
    for (const target of ['all', 'gw3.', 'gw4.']) await ask(`alerts add node ${target}`);
    const shown = await ask('alerts edit 2');
    const remove = shown.actions?.find(({ label }) => label === 'Remove');
    expect(remove?.style).toBe('danger');
    expect((await ask(remove?.command ?? '')).title).toBe('Removed');
    const { subscriptions } = await store.subscriptions.list(address);
    expect(subscriptions.map(({ id }) => id)).toEqual([1, 3]);
    expect((await ask(remove?.command ?? '')).title).toBe('No such alert');
  });

  test('without a number it offers those of this chat', async () => {
    const { ask, store } = await askerOn(9);
    await ask('alerts add node all');
    await ask('alerts add node gw3.');
    const which = await ask('alerts remove');
    expect(which.actions?.map(({ label }) => label)).toEqual(['#1 all nodes', '#2 node gw3.og-nodes.example:8443']);
    expect((await ask(which.actions?.[1]?.command ?? '')).title).toBe('Removed');
    expect(await store.subscriptions.counts()).toEqual({ destinations: 1, subscriptions: 1 });
  });

  test('what another chat hears cannot be removed, edited or paused from here', async () => {
    const { ask, store } = await askerOn(6);
    await ask('alerts add node all', placeOf('telegram'));
    const before = await store.subscriptions.list(placeOf('telegram').address);
    for (const line of ['remove 1', 'remove #1', 'remove 01', 'edit 1 critical', 'pause 1', 'unmute 1']) {
      expect((await ask(`alerts ${line}`)).title, line).toBe('No such alert');
    }
    expect((await ask('alerts pause all')).title).toBe('Nothing to pause');
    expect(await store.subscriptions.list(placeOf('telegram').address)).toEqual(before);
    expect((await ask('alerts remove #1', placeOf('telegram'))).title).toBe('Removed');
  });
});

describe('alerts pause', () => {
  test('one for a while, and it is told again after Resume', async () => {
    const { ask, store } = await askerOn(6);
    await ask('alerts add node all');
    const paused = await ask('alerts pause 1 90m');
    const until = async () => (await store.subscriptions.list(address)).subscriptions.map((one) => one.pausedUntilMs);
    expect(await until()).toEqual([NOW_MS + 5_400_000]);
    expect((await ask(paused.actions?.[0]?.command ?? '')).title).toBe('Heard again');
    expect(await until()).toEqual([null]);
    expect((await ask(paused.actions?.[0]?.command ?? '')).title).toBe('Nothing was muted');
  });

  test('all of them, until somebody ends it', async () => {
    const { ask, store } = await askerOn(6);
    await ask('alerts add node all');
    await ask('alerts add node gw3.');
    const view = await ask('alerts pause all');
    expect(view.lines).toEqual([['All 2 alerts of this chat rest ', 'until somebody ends it', '.']]);
    const { subscriptions } = await store.subscriptions.list(address);
    expect(subscriptions.map((one) => one.pausedUntilMs)).toEqual([FOREVER_MS, FOREVER_MS]);
  });

  test.each(['10s', '400d', '2', 'soon', 'none'])('for %j is refused, and nothing is stored', async (time) => {
    const { ask, store } = await askerOn(6);
    await ask('alerts add node all');
    const view = await ask(`alerts pause 1 for:${time}`);
    expect(view.tone).toBe('error');
    expect(wordsOf(view)).toContain('for must be a time like 10m, 2h or 3d, from 1 min to 365 d, or forever, not');
    expect((await store.subscriptions.list(address)).subscriptions[0]?.pausedUntilMs).toBeNull();
  });
});
