import { expect, test } from 'vitest';
import { createRules } from '../../src/alerts/registry.ts';
import { defaultThresholds } from '../../src/insight/nodeHealth.ts';
import { REGISTRY_SOURCE } from '../../src/lib/facts.ts';

const rules = createRules({ thresholds: defaultThresholds, sourceNoticeAfterMs: 300_000 });

test('rules have names of their own and a line of explanation', () => {
  expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
  for (const { summary } of rules) expect(summary).toMatch(/^[A-Z].{10,160}\.$/);
});

test('every rule about nodes rests while the registry cannot be read; only that notice does not', () => {
  for (const { id, dependsOn } of rules) {
    expect(dependsOn, id).toEqual(id === 'source.registry' ? [] : [REGISTRY_SOURCE]);
  }
});
