import { describe, expect, test } from 'vitest';
import { askerOn } from './ask.ts';
import { fire } from './incidents.ts';
import { expectClear, expectSafeEverywhere, wordsOf } from './judgeView.ts';
import { NOW_MS, placeOf } from './seed.ts';

const { address } = placeOf('discord');

describe('alerts digest', () => {
  test('of a chat that hears of nothing offers to set it up', async () => {
    const { ask, store } = await askerOn(6);
    const view = await ask('alerts digest');
    expect(view).toMatchObject({ title: 'No digest', actions: [{ command: 'alerts setup' }] });
    expect(await store.subscriptions.counts()).toEqual({ destinations: 0, subscriptions: 0 });
  });

  test('shows the last day with its picture, without waiting for the time of the digest', async () => {
    const { ask, store } = await askerOn(6);
    await ask('alerts add node all');
    await fire(store, 1, { firedAtMs: NOW_MS - 3_600_000 });
    const view = await ask('alerts digest');
    expectClear(view);
    expectSafeEverywhere(view);
    expect(wordsOf(view)).toContain('1 alert still open');
    expect(view.chart).toBeDefined();
    expect(view.actions?.map(({ command }) => command)).toEqual([
      'alerts digest hourly',
      'alerts digest daily',
      'alerts digest weekly',
    ]);
  });

  test('has it told from now on, at a time, and no more', async () => {
    const { ask, store } = await askerOn(6);
    await ask('alerts add node all');
    const destination = async () => (await store.subscriptions.list(address)).destination;
    expect((await ask('alerts digest daily 18:00')).title).toBe('Settings changed');
    expect((await destination())?.settings).toMatchObject({ digest: 'daily', digestMinute: 1_080 });
    expect((await destination())?.nextDigestAtMs).toBe(Date.UTC(2026, 10, 21, 18));
    expect((await ask('alerts digest')).actions?.map(({ command }) => command)).toEqual([
      'alerts digest hourly',
      'alerts digest weekly',
      'alerts digest off',
    ]);
    await ask('alerts digest off');
    expect(await destination()).toMatchObject({ settings: { digest: 'off' }, nextDigestAtMs: null });
  });

  test('another word is refused, and nothing is stored', async () => {
    const { ask, store } = await askerOn(6);
    expect((await ask('alerts digest sometimes')).tone).toBe('error');
    expect((await ask('alerts digest daily noonish')).tone).toBe('error');
    expect(await store.subscriptions.counts()).toEqual({ destinations: 0, subscriptions: 0 });
  });
});
