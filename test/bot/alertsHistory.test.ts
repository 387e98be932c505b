import { describe, expect, test } from 'vitest';
import { median } from '../../src/bot/incidentTimes.ts';
import { askerOn } from './ask.ts';
import { fire, resolve } from './incidents.ts';
import { wordsOf } from './judgeView.ts';
import { botOn, callerOf, NOW, NOW_MS, ownerOf, placeOf } from './seed.ts';

const HOUR = 3_600;
const BLOB = 'hJD2Ja3akZFt1A2LT-D_1oxOCz_OtuGYw4V9eE1m39M';

/** Fired `agoSeconds` before now, after having been wrong for `detectSeconds`. */
const at = (agoSeconds: number, detectSeconds: number) => ({
  sinceSeconds: NOW - agoSeconds - detectSeconds,
  firedAtMs: NOW_MS - agoSeconds * 1000,
  updatedAtMs: NOW_MS - agoSeconds * 1000,
});

describe('alerts history', () => {
  test('how soon it was told, taken care of and over, with the median of each at the top', async () => {
    const { ask, store } = await askerOn(9);
    await ask('alerts add node all');
    const first = await fire(store, 3, at(5 * HOUR, 60));
    await resolve(store, first, 600);
    const second = await fire(store, 4, at(2 * HOUR, 120));
    await store.incidents.attend({
      address: placeOf('discord').address,
      incidentIds: [second.id],
      by: 'Ann',
      byId: 'discord:1',
      nowMs: NOW_MS - 2 * HOUR * 1000 + 300_000,
      snoozedUntilMs: null,
    });
    const view = await ask('alerts history');
    expect(view.title).toBe('Alert history: this chat, last 7d');
    expect(view.lines.slice(0, 2)).toEqual([
      [{ strong: '2 incidents' }, ', 1 still on.'],
      [{ strong: 'Median' }, ': 1 min 30 s to detect, 5 min to acknowledge (1 of 2), 10 min to resolve (1 of 2).'],
    ]);
    expect(view.lines.slice(2)).toEqual([
      [
        '🔴 ',
        { strong: 'gw3.og-nodes.example:8443' },
        ' node.heartbeat expired ',
        { time: NOW - 2 * HOUR },
        ': detected in 2 min, acknowledged by Ann after 5 min, on for 2 h',
      ],
      [
        '🟢 ',
        { strong: 'gw2.og-nodes.example:8443' },
        ' node.heartbeat expired ',
        { time: NOW - 5 * HOUR },
        ': detected in 1 min, over after 10 min',
      ],
    ]);
  });

  test('only what the chat hears of, unless a subject is named', async () => {
    const { ask, store } = await askerOn(9);
    await ask('alerts add node gw3. node.heartbeat');
    for (const [index, node] of [3, 4, 5, 9].entries()) await fire(store, node, at((index + 1) * HOUR, 60));
    await fire(store, 4, { ...at(HOUR, 60), rule: 'node.disabled' });
    const nodes = async (line: string) => {
      const words = wordsOf(await ask(line));
      return [...words.matchAll(/(gw\d)\.og-nodes\.example:8443\S* node/g)].map(([, name]) => name).sort();
    };
    expect(await nodes('alerts history')).toEqual(['gw3']);
    expect(await nodes('alerts history all')).toEqual(['gw2', 'gw3', 'gw3', 'gw4', 'gw8']);
    expect(await nodes('alerts history gw8.')).toEqual(['gw8']);
    expect(await nodes(`alerts history owner:${ownerOf(3)}`)).toEqual(['gw3', 'gw3', 'gw4']);
  });

  test('nothing of the rules that the chat does without', async () => {
    const { ask, store } = await askerOn(9);
    await ask('alerts add node all');
    await fire(store, 3, at(HOUR, 60));
    await fire(store, 4, { ...at(HOUR, 60), rule: 'node.disabled' });
    expect(wordsOf(await ask('alerts history'))).toContain('2 incidents');
    const { address } = placeOf('discord');
    const [own] = (await store.subscriptions.list(address)).subscriptions;
    await store.subscriptions.edit(address, own?.id ?? 0, { without: ['node.disabled'] });
    const words = wordsOf(await ask('alerts history'));
    expect(words).toContain('1 incident');
    expect(words).not.toContain('node.disabled');
  });

  test('the window can be typed in place of the subject, and cuts what was over before', async () => {
    const { ask, store } = await askerOn(9);
    await ask('alerts add node all');
    const old = await fire(store, 3, at(60 * HOUR, 60));
    await resolve(store, old, 600);
    expect((await ask('alerts history 24h')).lines).toEqual([
      'Nothing was wrong in that time, as far as this bot knows.',
    ]);
    const week = await ask('alerts history 7d');
    expect(wordsOf(week)).toContain('1 incident');
    const day = week.actions?.find(({ label }) => label === '24h');
    expect((await ask(day?.command ?? '')).title).toBe('Alert history: this chat, last 24h');
  });

  test('models, uploads and authors can be its subject; news is neither on nor over', async () => {
    const { ask, store } = await askerOn(9);
    const about = (label: string, owner: string | null, topics: string[]) => ({
      ...{ nodeId: null, family: 'model', owner, topics, subject: label, detail: { label } },
    });
    await fire(store, 3, at(HOUR, 60));
    const late = { rule: 'model.late', level: 'late', severity: 'warning' as const };
    await fire(store, 0, { ...at(HOUR, 60), ...late, ...about('upload x', null, [`blob:${BLOB}`]) });
    const gone = { ...late, rule: 'model.unreadable', level: 'unreadable' };
    await fire(store, 0, { ...at(HOUR, 60), ...gone, ...about('acme/lost', 'acme', ['model:acme/lost']) });
    const news = { rule: 'model.listed', level: 'listed', severity: 'info' as const };
    await fire(store, 0, {
      ...at(HOUR, 60),
      ...news,
      ...about('acme/new', 'acme', ['model:acme/new', `blob:${BLOB}`]),
    });
    const named = async (subject: string): Promise<string[]> => {
      const words = wordsOf(await ask(`alerts history ${subject}`));
      return [...words.matchAll(/^\S+ (upload x|acme\/\w+|gw\d)/gm)].map(([, name]) => name ?? '').sort();
    };
    expect(await named('all')).toEqual(['acme/lost', 'acme/new', 'gw2', 'upload x']);
    expect(await named('Acme/Lost')).toEqual(['acme/lost']);
    expect(await named(BLOB)).toEqual(['acme/new', 'upload x']);
    expect(await named('owner:ACME')).toEqual(['acme/lost', 'acme/new']);
    expect((await ask('alerts history owner:nobody')).lines).toEqual([
      'Nothing was wrong in that time, as far as this bot knows.',
    ]);
    const acme = await ask('alerts history owner:acme');
    expect(acme.title).toBe('Alert history: the models of acme, last 7d');
    expect(acme.lines[0]).toEqual([{ strong: '1 incident' }, ', 1 still on. 1 piece of news.']);
    expect(wordsOf(acme)).not.toMatch(/acme\/new.*(on for|over after)/);
    // Its buttons ask the same of other windows.
    expect((await ask(acme.actions?.[0]?.command ?? '')).title).toBe('Alert history: the models of acme, last 24h');
    await ask('alerts add model acme/lost');
    expect(await named('')).toEqual(['acme/lost']);
  });

  test('pages of ten, also after a restart', async () => {
    const { ask, store } = await askerOn(30);
    await ask('alerts add node all');
    for (let node = 1; node <= 25; node += 1) await fire(store, node, at(node * 60, 30));
    const first = await ask('alerts history all');
    expect(first.page).toEqual({ number: 1, of: 3, command: 'alerts history subject:all window:7d' });
    const line = `${first.page?.command} page:3`;
    const last = await ask(line);
    expect(last.lines).toHaveLength(2 + 5);
    expect(await botOn(store).runText(line, callerOf('discord'), placeOf('discord'))).toEqual(last);
    expect((await ask('alerts history all page:200')).page?.number).toBe(3);
  });

  test('a chat that hears of nothing is told where to look', async () => {
    const { ask } = await askerOn(6);
    const view = await ask('alerts history');
    expect(view.lines).toEqual(['This chat hears of nothing yet.']);
    expect((await ask(view.actions?.[0]?.command ?? '')).title).toBe('Alert history: everything, last 7d');
  });

  test.each([
    ['alerts history nobody.example', 'No such node'],
    ['alerts history owner:0x1', 'Not an address'],
    ['alerts history subject:24h', 'That did not fit'],
    ['alerts history all 2d', 'That did not fit'],
    ['alerts history page:0', 'That did not fit'],
  ])('%s: %s', async (line, title) => {
    expect(await (await askerOn(6)).ask(line)).toMatchObject({ title, tone: 'error' });
  });
});

test('the median is the middle, or the mean of the two in the middle', () => {
  expect(median([])).toBeNull();
  expect(median([3])).toBe(3);
  expect(median([9, 1, 2])).toBe(2);
  expect(median([10, 1, 2, 4])).toBe(3);
});
