import { expect, test } from 'vitest';
import { isNews } from '../../src/alerts/news.ts';
import { createRules } from '../../src/alerts/registry.ts';
import { ruleWords } from '../../src/alerts/ruleWords.ts';
import { defaultThresholds } from '../../src/insight/nodeHealth.ts';
import { REGISTRY_SOURCE } from '../../src/lib/facts.ts';
import { HUB_SOURCE } from '../../src/lib/modelFacts.ts';
import { SETTLEMENT_SOURCE } from '../../src/lib/proofFacts.ts';
import { SEVERITIES } from '../../src/store/store.ts';

const rules = createRules({ thresholds: defaultThresholds, sourceNoticeAfterMs: 300_000 });

test('rules have names of their own and a line of explanation', () => {
  expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
  for (const { summary } of rules) expect(summary).toMatch(/^[A-Z].{10,160}\.$/);
});

test('every rule rests while what it is read from cannot be read; only the notices of that do not', () => {
  for (const { id, dependsOn, family, facts } of rules) {
    if (id.startsWith('source.')) expect([dependsOn, facts], id).toEqual([[], 'sources']);
    else if (family === 'node') expect([dependsOn, facts], id).toEqual([[REGISTRY_SOURCE], 'nodes']);
    else if (family === 'model') expect([dependsOn[0], facts], id).toEqual([HUB_SOURCE, 'models']);
    // Each of several networks by itself, in the rule.
    else if (family === 'gov' || family === 'voter') {
      expect([dependsOn, ['governance', 'gauges', 'votes', 'sets'].includes(facts)], id).toEqual([[], true]);
    } else expect([dependsOn.includes(SETTLEMENT_SOURCE), facts], id).toEqual([true, 'proofs']);
  }
});

test('what is news is known by its id as well, and nothing of it is grave', () => {
  for (const { id, isNews: says, levels } of rules) {
    expect(isNews({ rule: id }), id).toBe(says === true);
    if (says) expect(Object.values(levels).map(({ severity }) => severity)).toEqual(['info']);
  }
});

test('nothing of governance is graver than info', () => {
  const own = rules.filter(({ family }) => family === 'gov' || family === 'voter');
  expect(own.length).toBeGreaterThanOrEqual(18);
  for (const { levels } of own) expect(Object.values(levels).every(({ severity }) => severity === 'info')).toBe(true);
});

test('a rule says how grave its levels are, mildest first, and when it is over', () => {
  for (const { id, levels, clears, clearSeconds } of rules) {
    const ranks = Object.values(levels).map(({ severity }) => SEVERITIES.indexOf(severity));
    expect(ranks.length, id).toBeGreaterThan(0);
    expect(ranks, id).toEqual([...ranks].sort((a, b) => a - b));
    for (const { forSeconds } of Object.values(levels)) expect(forSeconds, id).toBeGreaterThanOrEqual(0);
    expect(clearSeconds, id).toBeGreaterThanOrEqual(0);
    expect(clears, id).toMatch(/^[a-z].{5,80}[a-z]$/);
  }
});

test('a threshold asks for no less than its rule, in steps that reach every whole one', () => {
  for (const { threshold } of rules) {
    if (threshold === null) continue;
    expect(threshold.min).toBe(threshold.default);
    expect(threshold.max).toBeGreaterThan(threshold.min);
    expect(threshold.step).toBeGreaterThan(0);
  }
});

test('a threshold survives limits that a configuration sets higher than usual', () => {
  const late = { ...defaultThresholds, heartbeatLateSeconds: 200_000 };
  for (const { threshold } of createRules({ thresholds: late, sourceNoticeAfterMs: 300_000 })) {
    if (threshold !== null) expect(threshold.max).toBeGreaterThanOrEqual(threshold.min);
  }
});

test('in words a rule names every level with its severity and wait', () => {
  const heartbeat = rules.find(({ id }) => id === 'node.heartbeat');
  if (heartbeat === undefined) throw new Error('there is no such rule');
  expect(ruleWords(heartbeat)).toMatchObject({
    levels: 'late (info) after 2 min, missed (warning) at once, expired (critical) at once',
    threshold: 'age of the last heartbeat, 16 min to 1 d, else 16 min',
    source: 'the TEERegistry',
  });
  for (const rule of rules) {
    for (const level of Object.keys(rule.levels)) expect(ruleWords(rule).levels).toContain(level);
  }
});
