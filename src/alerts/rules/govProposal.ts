import { isClosed } from '../../lib/governanceFacts.ts';
import { cleanText } from '../../lib/units.ts';
import type { Line } from '../../lib/view.ts';
import { GOV_NEWS, type Happened, manyAlert, newsSamples } from '../govNews.ts';
import {
  type GovSources,
  govAlert,
  networkButton,
  proposalButton,
  proposalDetail,
  proposalSubject,
  proposalsNow,
} from '../govRule.ts';
import type { Rule } from '../rule.ts';

/** A proposal that was not there before. One that is over when it is first seen is the news of its result. */
export const govProposal = (sources: GovSources): Rule => ({
  ...GOV_NEWS,
  id: 'gov.proposal',
  summary: 'There is a new proposal; told once, with when its voting ends.',
  levels: { new: { severity: 'info', forSeconds: 0 } },
  facts: 'governance',
  readFrom: 'proposals of each network',
  samples(facts) {
    const later = proposalsNow(facts, sources).filter(
      ({ proposal: { atFirst, closedAtMs, firstSeenAtMs } }) =>
        !atFirst && (closedAtMs === null || closedAtMs > firstSeenAtMs),
    );
    const news = later.map(({ proposal, at }): Happened => {
      const { status, closedAtMs, proposer, startAtSeconds, endAtSeconds, kinds, firstSeenAtMs } = proposal;
      const detail = () => ({
        ...proposalDetail(proposal),
        ...{ status, startAtSeconds, endAtSeconds },
        proposer: proposer === null ? null : cleanText(proposer, 60),
        kinds: kinds.slice(0, 3).map((kind) => cleanText(kind, 60)),
      });
      const isOver = closedAtMs !== null || isClosed(status);
      return { at, atMs: firstSeenAtMs, isOver, sample: { subject: proposalSubject(proposal), level: 'new', detail } };
    });
    return newsSamples('proposals', news, facts);
  },
  text(_kind, incident, facts) {
    const { detail } = incident;
    const many = manyAlert(incident, facts, networkButton('Proposals', 'gov proposals', detail));
    if (many !== null) return many;
    const kinds = detail.kinds as string[];
    return govAlert(
      {
        headline: 'New proposal',
        about: String(detail.label),
        tone: 'info',
        lines: [
          whenVoted(detail),
          ...(kinds.length === 0 ? [] : [`Kind: ${kinds.join(', ')}.`]),
          ...(detail.proposer === null ? [] : [['Proposed by ', { code: String(detail.proposer) }, '.']]),
        ],
        actions: proposalButton(detail),
      },
      detail,
      facts,
    );
  },
});

function whenVoted({ networkTitle, status, startAtSeconds, endAtSeconds }: Record<string, unknown>): Line {
  const start = [{ strong: `${String(networkTitle)} has a new proposal` }];
  if (status === 'deposit') return [...start, ': it collects its deposit, voting has not begun.'];
  const end = endAtSeconds === null ? [' an end that is not known'] : [' ', { time: Number(endAtSeconds) }];
  if (status === 'pending' && startAtSeconds !== null) {
    return [...start, ': voting runs from ', { time: Number(startAtSeconds) }, ' to', ...end, '.'];
  }
  return [...start, ': voting runs to', ...end, '.'];
}
