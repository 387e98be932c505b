import { expect } from 'vitest';
import type { Rule } from '../../src/alerts/rule.ts';
import { readLocale, readZone } from '../../src/bot/chatSettings.ts';
import type { Address } from '../../src/lib/delivery.ts';
import { isBlobId } from '../../src/lib/modelFacts.ts';
import { cleanText } from '../../src/lib/units.ts';
import { FOREVER_MS, SEVERITIES, type Store } from '../../src/store/store.ts';
import { NOW_MS } from './seed.ts';

export type Stored = Awaited<ReturnType<Store['subscriptions']['list']>>;

/** What is stored of one chat. */
export const storedOf = async (store: Store, address: Address): Promise<Stored> =>
  await store.subscriptions.list(address);

const between = (value: number, low: number, high: number): boolean =>
  Number.isInteger(value) && value >= low && value <= high;

const isMention = (mention: string): boolean =>
  mention === '' || /^((role|user):\d{1,20}|name:\w{4,32})$/.test(mention);

const isMoment = (atMs: number | null): boolean => atMs === null || between(atMs, NOW_MS, FOREVER_MS);

/** Nothing is stored that a command should have refused. */
export function expectWellFormed({ destination, subscriptions, mutes }: Stored, rules: readonly Rule[]): void {
  const known = ['', ...rules.map(({ id }) => id)];
  for (const {
    rule,
    floor,
    delaySeconds,
    threshold,
    mention,
    pausedUntilMs,
    family,
    scope,
    subject,
    without,
  } of subscriptions) {
    expect(['node', 'model', 'proof', 'gov', 'voter', 'watch']).toContain(family);
    if (scope === 'voter') expect(subject).toMatch(/^0x[0-9a-f]{40}$/);
    if (scope === 'network') expect(subject).toMatch(/^[a-z][a-z0-9-]{1,29}$/);
    for (const id of without) expect(rules.find((one) => one.id === id)?.family, id).toBe(family);
    expect(scope === 'all' || subject === cleanText(subject, 300), `${scope} ${subject}`).toBe(true);
    // Topics of incidents are stored with bars between them.
    expect(subject).not.toContain('|');
    if (scope === 'model') expect(subject).toMatch(/^[^/]+\/./);
    if (scope === 'blob') expect(isBlobId(subject), subject).toBe(true);
    expect(known).toContain(rule);
    expect(SEVERITIES).toContain(floor);
    expect(delaySeconds === null || between(delaySeconds, 10, 604_800), `${delaySeconds}`).toBe(true);
    const range = rules.find(({ id }) => id === rule)?.threshold;
    expect(threshold === null || (range && between(threshold, range.min, range.max)), `${threshold}`).toBe(true);
    expect(isMention(mention), mention).toBe(true);
    expect(isMoment(pausedUntilMs), `${pausedUntilMs}`).toBe(true);
  }
  for (const { rule, untilMs, by } of mutes) {
    expect(known).toContain(rule);
    expect(isMoment(untilMs), `${untilMs}`).toBe(true);
    expect(by).toBe('Mo');
  }
  if (destination === null) return;
  const { timeZone, locale, quiet, digestMinute, escalation } = destination.settings;
  expect(readZone(timeZone)).toBe(timeZone);
  expect(locale === '' || readLocale(locale) === locale, locale).toBe(true);
  expect(quiet === null || (between(quiet.fromMinute, 0, 1_439) && between(quiet.toMinute, 0, 1_439))).toBe(true);
  expect(between(digestMinute, 0, 1_439), `${digestMinute}`).toBe(true);
  expect(escalation === null || between(escalation.afterSeconds, 60, 86_400)).toBe(true);
  expect(isMention(escalation?.mention ?? '')).toBe(true);
}
