import { decisive } from '../../insight/decisive.ts';
import type { ProposalStanding } from '../../insight/participation.ts';
import { proposalStanding } from '../../insight/proposalStanding.ts';
import { isClosed, type ProposalStatus } from '../../lib/governanceFacts.ts';
import { percent, plural } from '../../lib/units.ts';
import type { Line, View } from '../../lib/view.ts';
import type { StoredProposal, StoredVote } from '../../store/governanceRepository.ts';
import { GOV_NEWS, type Happened, manyAlert, newsSamples } from '../govNews.ts';
import {
  bySourceClock,
  type GovSources,
  govAlert,
  networkButton,
  type ProposalNow,
  proposalButton,
  proposalDetail,
  proposalSubject,
  proposalsNow,
} from '../govRule.ts';
import type { Incident } from '../incident.ts';
import { leadWords, resultWords, turnoutWords } from '../proposalWords.ts';
import type { AlertFacts, Rule } from '../rule.ts';

/** One that is over when it is first seen is news only if it ended so recently: sources list old ones late, too. */
const OLD_RESULT_SECONDS = 2 * 86_400;

/** What came of a proposal. What happens to it after that, its execution, is no other result. */
export const govResult = (sources: GovSources): Rule => ({
  ...GOV_NEWS,
  id: 'gov.result',
  summary: 'Voting on a proposal is over: its result, with turnout, and how few voters made it; told once.',
  levels: { decided: { severity: 'info', forSeconds: 0 } },
  facts: 'governance',
  readFrom: 'proposals and votes of each network',
  samples(facts) {
    const news = proposalsNow(facts, sources).flatMap((now): Happened[] => {
      const { proposal, at } = now;
      const { id, closedAtMs } = proposal;
      if (closedAtMs === null || !isClosed(proposal.status) || isHistory(now)) return [];
      const detail = () => ({
        ...proposalDetail(proposal),
        ...resultOf(proposal, facts.governance?.votes.get(id) ?? [], at.clockSeconds),
      });
      return [{ at, atMs: closedAtMs, sample: { subject: proposalSubject(proposal), level: 'decided', detail } }];
    });
    return newsSamples('results', news, facts);
  },
  text(_kind, incident, facts) {
    const { detail } = incident;
    return manyAlert(incident, facts, networkButton('Proposals', 'gov proposals', detail)) ?? decided(incident, facts);
  },
});

function isHistory({ proposal, at }: ProposalNow): boolean {
  const { atFirst, closedAtMs, firstSeenAtMs, closedAtSeconds, endAtSeconds } = proposal;
  if (closedAtMs === null || closedAtMs > firstSeenAtMs) return false;
  const endedAtSeconds = closedAtSeconds ?? endAtSeconds;
  return atFirst || endedAtSeconds === null || bySourceClock(closedAtMs, at) - endedAtSeconds > OLD_RESULT_SECONDS;
}

function resultOf(proposal: StoredProposal, votes: readonly StoredVote[], clockSeconds: number) {
  const { flip, top1 } = decisive(votes, proposal);
  const standing = proposalStanding(proposal, clockSeconds);
  return {
    ...{ status: proposal.status, outcome: standing.outcome, lead: leadWords(proposal, standing) },
    ...{ turnout: turnoutWords(proposal, clockSeconds), flip, top1 },
    endSeconds: proposal.closedAtSeconds ?? proposal.endAtSeconds,
  };
}

function decided({ detail }: Incident, facts: AlertFacts): View {
  const { word, tone } = resultWords(detail.status as ProposalStatus, detail.outcome as ProposalStanding['outcome']);
  const lead = detail.lead === '' ? '' : ` with ${String(detail.lead)}`;
  const when = detail.endSeconds === null ? [] : [', over since ', { time: Number(detail.endSeconds) }];
  return govAlert(
    {
      headline: `Result, ${word}`,
      about: String(detail.label),
      tone,
      lines: [
        [{ strong: `${word.charAt(0).toUpperCase()}${word.slice(1)}${lead}` }, ...when, `. ${String(detail.turnout)}`],
        ...decisiveLines(detail),
      ],
      actions: proposalButton(detail),
    },
    detail,
    facts,
  );
}

function decisiveLines({ flip, top1 }: Record<string, unknown>): Line[] {
  const one = typeof top1 === 'number' ? [`The heaviest voter cast ${percent(top1)} of the power.`] : [];
  if (typeof flip !== 'number') return one;
  return [
    [
      { strong: `By ${plural(flip, 'vote')} it would have been other` },
      ': so few, changing sides, would have turned it.',
    ],
    ...one,
  ];
}
