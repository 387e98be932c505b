import type { GovThresholds } from '../../insight/govThresholds.ts';
import { proposalStanding } from '../../insight/proposalStanding.ts';
import { isClosed } from '../../lib/governanceFacts.ts';
import { duration } from '../../lib/units.ts';
import type { View } from '../../lib/view.ts';
import {
  bySourceClock,
  GOV_FAMILY,
  type GovSources,
  govAlert,
  govSample,
  type ProposalNow,
  proposalButton,
  proposalDetail,
  proposalSubject,
  proposalsNow,
} from '../govRule.ts';
import type { Incident } from '../incident.ts';
import { turnoutWords } from '../proposalWords.ts';
import type { AlertFacts, Rule, Sample } from '../rule.ts';

/** The quorum of a proposal is not reached, and its voting is nearly over. Its end without a quorum is told by the result. */
export const govQuorum = (thresholds: GovThresholds, sources: GovSources): Rule => ({
  id: 'gov.quorum',
  family: GOV_FAMILY,
  summary: `The quorum of a proposal is not reached in the last ${thresholds.quorumRiskPercent} % of its voting time, ${duration(thresholds.quorumRiskSeconds)} at most.`,
  levels: { 'at-risk': { severity: 'info', forSeconds: 0 } },
  clearSeconds: 0,
  clears: 'the quorum is reached, or voting is over, which its result tells',
  threshold: null,
  dependsOn: [],
  facts: 'governance',
  readFrom: 'proposals of each network',
  endsQuietly: ({ detail }) => detail.because !== 'reached',
  // Facts that lack it for a moment must not have it told again.
  keeps: ({ firedAtMs, detail }, { nowMs }) => nowMs - (firedAtMs ?? 0) < Number(detail.leftSeconds) * 1000,
  samples: (facts) => proposalsNow(facts, sources).flatMap((now) => sampleOf(now, thresholds)),
  text: (kind, incident, facts) => (kind === 'resolved' ? reached(incident, facts) : atRisk(incident, facts)),
});

function sampleOf({ proposal, at }: ProposalNow, { quorumRiskPercent, quorumRiskSeconds }: GovThresholds): Sample[] {
  const { status, startAtSeconds, endAtSeconds, atFirst, firstSeenAtMs } = proposal;
  if (endAtSeconds === null || startAtSeconds === null) return [];
  const nearSeconds = Math.min(quorumRiskSeconds, ((endAtSeconds - startAtSeconds) * quorumRiskPercent) / 100);
  const wasNearAtFirst = atFirst && bySourceClock(firstSeenAtMs, at) >= endAtSeconds - nearSeconds;
  const say = (verdict: Sample['verdict'], detail: Record<string, unknown> = {}): Sample[] => [
    govSample(at, {
      subject: proposalSubject(proposal),
      verdict,
      level: 'at-risk',
      onlyIfOpen: wasNearAtFirst,
      detail: { ...proposalDetail(proposal), ...detail },
    }),
  ];
  if (isClosed(status)) return say('clear', { because: 'over' });
  if (!at.isFresh || status !== 'voting') return say('unknown');
  const left = endAtSeconds - at.clockSeconds;
  // One that was near stays so unless its end was moved far: clocks of chains go back a little.
  if (left > 2 * nearSeconds) return say('clear', { because: 'moved' });
  const { quorum } = proposalStanding(proposal, at.clockSeconds);
  // Nothing is said of one that has none, or whose votes are hidden.
  if (quorum === null) return say('unknown');
  const words = turnoutWords(proposal, at.clockSeconds);
  if (quorum.missing === 0n) return say('clear', { because: 'reached', words, endSeconds: endAtSeconds });
  if (left <= 0 || left > nearSeconds) return say('unknown');
  return say('bad', { words, endSeconds: endAtSeconds, leftSeconds: left });
}

const atRisk = ({ detail }: Incident, facts: AlertFacts): View =>
  govAlert(
    {
      headline: 'Quorum at risk',
      about: String(detail.label),
      tone: 'degraded',
      lines: [
        [{ strong: 'The quorum is not reached' }, ', and voting ends ', { time: Number(detail.endSeconds) }, '.'],
        String(detail.words),
      ],
      actions: proposalButton(detail),
    },
    detail,
    facts,
  );

const reached = ({ detail }: Incident, facts: AlertFacts): View =>
  govAlert(
    {
      headline: 'Quorum reached',
      about: String(detail.label),
      tone: 'ok',
      lines: [
        [{ strong: 'The quorum is reached' }, ' before voting ends ', { time: Number(detail.endSeconds) }, '.'],
        String(detail.words),
      ],
      actions: proposalButton(detail),
    },
    detail,
    facts,
  );
