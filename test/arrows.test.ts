import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const SRC = resolve(import.meta.dirname, '../src');

/** Which rooms a room may import, besides itself and lib. Files directly in src/ (app, main, doctor) may import all. */
const ARROWS: Record<string, readonly string[]> = {
  lib: [],
  sources: [],
  insight: [],
  charts: [],
  web: [],
  config: ['insight'],
  generated: [],
  store: ['generated'],
  alerts: ['insight', 'store'],
  watch: ['sources', 'insight', 'alerts', 'store'],
  bot: ['alerts', 'insight', 'store'],
  platforms: ['bot'],
};

const roomOf = (file: string) => relative(SRC, file).split('/')[0] as string;

function sourceFiles(): string[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.startsWith('generated/'))
    .map((name) => join(SRC, name));
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) =>
    resolve(dirname(file), match[1] as string),
  );
}

test('rooms import only along the arrows of the design', () => {
  const wrong: string[] = [];
  for (const file of sourceFiles()) {
    const from = roomOf(file);
    if (from.endsWith('.ts')) continue;
    expect(Object.keys(ARROWS), `room ${from} is not in the list of arrows`).toContain(from);
    for (const target of importsOf(file)) {
      const to = roomOf(target);
      if (to === from || to === 'lib' || ARROWS[from]?.includes(to)) continue;
      wrong.push(`${relative(SRC, file)} -> ${relative(SRC, target)}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('platforms do not import one another', () => {
  const wrong: string[] = [];
  for (const file of sourceFiles().filter((name) => roomOf(name) === 'platforms')) {
    const platform = relative(SRC, file).split('/')[1];
    for (const target of importsOf(file)) {
      const [room, other] = relative(SRC, target).split('/');
      if (room === 'platforms' && other !== platform) wrong.push(`${relative(SRC, file)} -> ${relative(SRC, target)}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('no branch inside src/ knows about tests', () => {
  const wrong = sourceFiles().filter((file) => /test\/|VITEST|NODE_ENV/.test(readFileSync(file, 'utf8')));
  expect(wrong.map((file) => relative(SRC, file))).toEqual([]);
});
