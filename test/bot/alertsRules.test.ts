import { expect, test } from 'vitest';
import { createRules } from '../../src/alerts/registry.ts';
import { defaultThresholds } from '../../src/insight/nodeHealth.ts';
import type { View } from '../../src/lib/view.ts';
import { type Asker, askerOn } from './ask.ts';
import { wordsOf } from './judgeView.ts';

const RULES = createRules({ thresholds: defaultThresholds, sourceNoticeAfterMs: 300_000 });
const KINDS = ['node', 'model', 'proof', 'gov', 'voter', 'watch'];

/** All pages of an answer. */
async function pagesOf({ ask }: Pick<Asker, 'ask'>, line: string): Promise<View[]> {
  const first = await ask(line);
  const others = Array.from(
    { length: (first.page?.of ?? 1) - 1 },
    (_, index) => `${first.page?.command} page:${index + 2}`,
  );
  return [first, ...(await Promise.all(others.map((other) => ask(other))))];
}

test('every rule is listed with what it means; by kind with its levels, when it is over, its threshold and its source', async () => {
  const asker = await askerOn(0);
  const { ask, bot } = asker;
  const all = (await pagesOf(asker, '/alerts rules')).map(wordsOf).join('\n');
  expect(new Set(bot.context.rules.map(({ family }) => family))).toEqual(new Set(KINDS));
  for (const { id, summary, levels, clears, family } of bot.context.rules) {
    expect(all).toContain(`${id}: ${summary}`);
    const words = (await pagesOf(asker, `alerts rules ${family}`)).map(wordsOf).join('\n');
    expect(words).toContain(`${id}: ${summary}`);
    for (const [level, { severity }] of Object.entries(levels)) expect(words).toContain(`${level} (${severity})`);
    expect(words).toContain(`over when ${clears}`);
  }
  const view = await ask('alerts rules node');
  expect(wordsOf(view)).toContain('threshold: age of the last heartbeat, 16 min to 1 d');
  expect(wordsOf(view)).toContain('read from the TEERegistry');
  expect(view.private).toBe(true);
});

test.each(['', ...KINDS])('"alerts rules %s" fits one message and lines that a phone can show', async (kind) => {
  const views = await pagesOf(await askerOn(0), `alerts rules ${kind}`.trim());
  const own = RULES.filter(({ family }) => kind === '' || family === kind);
  const lines = views.flatMap((view) => view.lines);
  expect(lines.length).toBeGreaterThanOrEqual(own.length * (kind === '' ? 1 : 4));
  for (const view of views) {
    for (const line of wordsOf(view).split('\n')) expect(line.length, line).toBeLessThanOrEqual(180);
    expect(wordsOf(view).length).toBeLessThan(3_500);
  }
});
