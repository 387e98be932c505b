import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { KEYS } from '../../src/config/keys.ts';
import { parseConfig } from '../../src/config.ts';

const lines = readFileSync(resolve(import.meta.dirname, '../../.env.example'), 'utf8').split('\n');

/** A key with its value, set (`KEY=value`) or shown as an example (`# KEY=value`). */
const KEY_LINE = /^#? ?([A-Z][A-Z0-9_]+)=(.*)$/;
const keyLines = lines.flatMap((line, index) => {
  const match = KEY_LINE.exec(line);
  return match ? [{ name: match[1] as string, value: match[2] as string, index, set: !line.startsWith('#') }] : [];
});

test('every key that Assay knows is there exactly once, and no other', () => {
  expect(keyLines.map(({ name }) => name).sort()).toEqual(KEYS.map(({ name }) => name).sort());
});

test('every key has a comment above it, in words', () => {
  for (const { name, index } of keyLines) {
    let above = index - 1;
    // Keys that belong together may share the comment above the first of them.
    while (above >= 0 && KEY_LINE.test(lines[above] as string)) above -= 1;
    expect(lines[above], name).toMatch(/^# \S.{9,}$/);
  }
});

test('the values shown are the ones that hold without the file', () => {
  for (const { name, value } of keyLines) {
    const fallback = KEYS.find((key) => key.name === name)?.fallback ?? '';
    if (fallback !== '') expect(value, name).toBe(fallback);
  }
});

test('copied as it is, the file is a valid configuration and holds no secret', () => {
  const env = Object.fromEntries(keyLines.filter(({ set }) => set).map(({ name, value }) => [name, value]));
  expect(parseConfig(env, { needsPlatform: false }).warnings).toEqual([]);
  expect([env.DISCORD_TOKEN ?? '', env.TELEGRAM_TOKEN ?? '']).toEqual(['', '']);
});
