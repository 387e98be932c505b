import { expect, test } from 'vitest';
import { createRules } from '../../src/alerts/registry.ts';
import { defaultThresholds } from '../../src/insight/nodeHealth.ts';
import { askerOn } from './ask.ts';
import { wordsOf } from './judgeView.ts';

const RULES = createRules({ thresholds: defaultThresholds, sourceNoticeAfterMs: 300_000 });

test('every rule is listed with what it means, its levels, when it is over, its threshold and its source', async () => {
  const { ask, bot } = await askerOn(0);
  const view = await ask('/alerts rules');
  const words = wordsOf(view);
  for (const { id, summary, levels, clears } of bot.context.rules) {
    expect(words).toContain(`${id}: ${summary}`);
    for (const [level, { severity }] of Object.entries(levels)) expect(words).toContain(`${level} (${severity})`);
    expect(words).toContain(`over when ${clears}`);
  }
  expect(words).toContain('threshold: age of the last heartbeat, 16 min to 1 d');
  expect(words).toContain('read from the TEERegistry');
  expect(view.private).toBe(true);
});

test('it fits one message and lines that a phone can show', async () => {
  const { ask } = await askerOn(0);
  const view = await ask('alerts rules');
  expect(view.lines.length).toBeGreaterThanOrEqual(RULES.length * 4);
  for (const line of wordsOf(view).split('\n')) expect(line.length, line).toBeLessThanOrEqual(160);
  expect(wordsOf(view).length).toBeLessThan(3_500);
});
