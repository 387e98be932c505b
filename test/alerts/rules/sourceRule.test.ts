import { expect, test } from 'vitest';
import { createRules } from '../../../src/alerts/registry.ts';
import { sourceModels } from '../../../src/alerts/rules/sourceModels.ts';
import { sourceProofs } from '../../../src/alerts/rules/sourceProofs.ts';
import { defaultThresholds } from '../../../src/insight/nodeHealth.ts';
import { CHAIN_HALTED } from '../../../src/lib/facts.ts';
import { HUB_SOURCE } from '../../../src/lib/modelFacts.ts';
import { FACILITATOR_SOURCE, SETTLEMENT_SOURCE } from '../../../src/lib/proofFacts.ts';
import { type Moment, WALL_START_MS } from '../facts.ts';
import { brief, tell } from './story.ts';

const moment = (at: number, source: string, state: 'fresh' | 'failing' | 'stale', more: object = {}): Moment => ({
  at,
  nodes: [],
  states: { [source]: { state, failingSinceMs: state === 'fresh' ? null : WALL_START_MS, ...more } },
});

const models = sourceModels(300_000, () => true);
const proofs = sourceProofs(300_000, () => true);

test.each([
  [models, HUB_SOURCE, 'limited info', 'Cannot read the model hub'],
  [proofs, SETTLEMENT_SOURCE, 'unreadable warning', 'Cannot read settlements'],
  [proofs, FACILITATOR_SOURCE, 'limited info', 'Cannot read the facilitator’s usage'],
])('%o: %s is told once after 5 min, and its end', (rule, source, level, title) => {
  const told = tell(rule, [
    moment(0, source, 'failing'),
    moment(299, source, 'failing'),
    moment(300, source, 'failing'),
    moment(9_000, source, 'failing', { shortError: 'another cause' }),
    moment(9_300, source, 'fresh'),
  ]);
  expect(brief(told)).toEqual([`300 fired ${level}`, `9300 resolved ${level}`]);
  expect(told[0]?.view).toMatchObject({ title, tone: 'unknown' });
  expect(told[0]?.text).toContain('the node does not answer');
  expect(JSON.stringify(told)).not.toContain('10.0.0.7');
  expect(told[1]?.text).toContain('2 h 30 min after the notice');
});

test('a failure from before a restart is no news of its first second; nor is what was not asked again yet', () => {
  expect(tell(models, [moment(9_000, HUB_SOURCE, 'failing'), moment(9_010, HUB_SOURCE, 'fresh')])).toEqual([]);
  const unasked = { shortError: 'this bot has not asked it since' };
  expect(tell(models, [moment(0, HUB_SOURCE, 'stale', unasked), moment(9_000, HUB_SOURCE, 'stale', unasked)])).toEqual(
    [],
  );
});

test('settlements of a chain that stands still cannot be read either', () => {
  const halted = { shortError: CHAIN_HALTED };
  expect(
    tell(proofs, [moment(0, SETTLEMENT_SOURCE, 'stale', halted), moment(300, SETTLEMENT_SOURCE, 'stale', halted)]),
  ).toHaveLength(1);
});

test('a source that the operator turned off is not one that fails, and ends what was told of it', () => {
  const opengradient = {
    ...{
      hubUrl: null,
      aggregatorUrls: [],
      inferenceAddresses: [],
      scheduler: null,
      facilitatorUrl: null,
      payments: null,
    },
    ...{ settlementSenders: [], settlementRelays: [] },
  };
  const rules = createRules({ thresholds: defaultThresholds, sourceNoticeAfterMs: 300_000, opengradient });
  const off = rules.find(({ id }) => id === 'source.models');
  if (off === undefined) throw new Error('there is no such rule');
  expect(tell(off, [moment(0, HUB_SOURCE, 'failing'), moment(900, HUB_SOURCE, 'failing')])).toEqual([]);
});
