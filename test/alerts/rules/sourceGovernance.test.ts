import { expect, test } from 'vitest';
import { createRules } from '../../../src/alerts/registry.ts';
import { sourceGovernance } from '../../../src/alerts/rules/sourceGovernance.ts';
import { defaultThresholds } from '../../../src/insight/nodeHealth.ts';
import {
  atMs,
  briefly,
  CHAIN,
  GAUGES,
  gaugesAt,
  govFactsAt,
  HOUR,
  lock,
  minted,
  NETWORKS,
  playGov,
  proposal,
  validator,
  vote,
} from '../govFacts.ts';

const rule = sourceGovernance(300_000, NETWORKS);

test('each source is told by its name, once it failed for a while, to whom its network concerns', () => {
  const dark = { states: { [CHAIN]: 'failing', [GAUGES]: 'failing' } } as const;
  const played = playGov(
    [rule],
    [{ at: 0 }, { at: 60, ...dark }, { at: 359, ...dark }, { at: 360, ...dark }, { at: 600 }],
  );
  expect(briefly(played)).toEqual([
    '360 source.governance fired Cannot read proposals and votes of OpenGradient',
    '360 source.governance fired Cannot read locks and gauge votes of Bedrock',
    '600 source.governance resolved Can be read again: proposals and votes of OpenGradient',
    '600 source.governance resolved Can be read again: locks and gauge votes of Bedrock',
  ]);
  expect(rule.samples(govFactsAt({ at: 60, ...dark })).map(({ topics, verdict }) => [topics?.[0], verdict])).toEqual([
    ['network:opengradient', 'bad'],
    ['network:opengradient', 'clear'],
    ['network:bedrock', 'bad'],
    ['network:bedrock', 'clear'],
  ]);
});

test('at the first sight of a network with everything in it, no rule of governance says anything', () => {
  const rules = createRules({ thresholds: defaultThresholds, sourceNoticeAfterMs: 300_000, networks: NETWORKS });
  const own = rules.filter(({ family }) => family === 'gov' || family === 'voter');
  const first = { atFirst: true, firstSeenAtMs: atMs(0) };
  const proposals = [
    proposal({ ...first, endAtSeconds: proposal().startAtSeconds ?? 0 }),
    proposal({ ...first, id: 2, ref: '13', endAtSeconds: (proposal().startAtSeconds ?? 0) + 3 * HOUR }),
    proposal({ ...first, id: 3, ref: '14', status: 'passed', closedAtMs: atMs(0), closedAtSeconds: 0 }),
  ];
  const validators = [
    validator(1, { ...first, jailed: true }),
    validator(2, { ...first, missedBlocks: 499 }),
    validator(3, first),
  ];
  const votes = [vote(1, 90n, 0, { atFirst: true, proposalId: 2 })];
  const gauges = [gaugesAt(0, { events: [minted(1, 1)], locks: [lock(1, 1)], eligible: [] })];
  const moments = [0, 10, 60].map((at) => ({ at, proposals, validators, votes, gauges }));
  expect(briefly(playGov(own, moments))).toEqual([]);
});
