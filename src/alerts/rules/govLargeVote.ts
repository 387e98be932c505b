import type { GovThresholds } from '../../insight/govThresholds.ts';
import { amount, shareOf } from '../../lib/amount.ts';
import { cleanText, percent, shortHex } from '../../lib/units.ts';
import type { Line, View } from '../../lib/view.ts';
import type { StoredProposal, StoredVote } from '../../store/governanceRepository.ts';
import { GOV_NEWS, type Happened, manyAlert, newsSamples } from '../govNews.ts';
import {
  type GaugesNow,
  type GovSources,
  gaugesNow,
  govAlert,
  networkButton,
  type ProposalNow,
  proposalButton,
  proposalDetail,
  proposalSubject,
  proposalsNow,
} from '../govRule.ts';
import type { Incident } from '../incident.ts';
import { NEWS_SECONDS } from '../news.ts';
import type { AlertFacts, Rule } from '../rule.ts';
import { heldFlips, seenAtMs } from '../voteFlips.ts';

/** Of so few votes each is a large share of what was cast. */
const MIN_VOTES = 5;
/** What a vote turned is told when it is seen: later votes that are changed make it look otherwise. */
const FLIP_SECONDS = 3_600;

/** One vote that is heavy, or that turns the outcome; on proposals and on gauges. */
export const govLargeVote = (thresholds: GovThresholds, sources: GovSources): Rule => ({
  ...GOV_NEWS,
  id: 'gov.large-vote',
  summary: `A single vote has over ${thresholds.largeVotePercent} % of the power that could vote (else of that cast), or turns the outcome.`,
  levels: { large: { severity: 'info', forSeconds: 0 } },
  facts: 'votes',
  readFrom: 'votes of each network',
  samples(facts) {
    const news = [
      ...proposalsNow(facts, sources).flatMap((now) => onProposal(now, facts, thresholds)),
      ...gaugesNow(facts, sources).flatMap((now) => onGauges(now, thresholds)),
    ];
    return newsSamples('large votes', news, facts);
  },
  text(_kind, incident, facts) {
    const { detail } = incident;
    return manyAlert(incident, facts, networkButton('Proposals', 'gov proposals', detail)) ?? large(incident, facts);
  },
});

function onProposal(
  { proposal, at }: ProposalNow,
  { governance, nowMs }: AlertFacts,
  { largeVotePercent }: GovThresholds,
): Happened[] {
  const votes = governance?.votes.get(proposal.id) ?? [];
  const { come, newestAtMs, heaviest } = newsOf(votes);
  if (nowMs - newestAtMs > 2 * NEWS_SECONDS * 1000) return [];
  const { terms, tally, storedVotes, choices } = proposal;
  const cast = tally === null ? null : tally.reduce((sum, one) => sum + one, 0n);
  const whole = terms.eligible ?? (storedVotes >= MIN_VOTES ? cast : null);
  const isLargeOf = (power: bigint | null): boolean =>
    power !== null && whole !== null && whole > 0n && power * 100n > whole * BigInt(largeVotePercent);
  const flips = nowMs - newestAtMs <= FLIP_SECONDS * 1000 ? heldFlips(proposal, votes) : null;
  // Nearly always: thousands of votes need not be looked at.
  if (!isLargeOf(heaviest) && (flips === null || flips.size === 0)) return [];
  const recent = come.filter((vote) => nowMs - seenAtMs(vote) <= 2 * NEWS_SECONDS * 1000);
  return recent.flatMap((vote): Happened[] => {
    const { voter, power, changedAtMs } = vote;
    const isLarge = isLargeOf(power);
    const isFresh = nowMs - seenAtMs(vote) <= FLIP_SECONDS * 1000;
    const turned = isFresh ? (flips?.get(voter) ?? null) : null;
    if (!isLarge && turned === null) return [];
    const detail = () => ({
      ...proposalDetail(proposal),
      ...{ voter: cleanText(voter, 60), turned: turned === null ? null : turnedWords(turned, proposal) },
      share: power === null || whole === null ? null : shareOf(power, whole),
      power: power === null ? null : amount(power, terms.unit),
      whole: terms.eligible === null ? 'what was cast' : cleanText(terms.eligibleWords, 60),
      choice:
        vote.choices.length === 1 ? cleanText(choices[vote.choices[0]?.choice ?? -1] ?? '', 40) : 'several choices',
      endSeconds: proposal.endAtSeconds,
    });
    const about = { at, atMs: seenAtMs(vote) };
    const subject = `vote:${proposalSubject(proposal)}:${voter}`;
    return [
      // A validator less makes the others' old votes larger: that is no news of theirs.
      ...(isLarge ? [{ ...about, sample: { subject, level: 'large', detail, onlyIfOpen: !isFresh } }] : []),
      // A large vote says itself what it turned; one that is changed later turns it anew.
      ...(turned !== null && (!isLarge || changedAtMs !== null)
        ? [{ ...about, sample: { subject: `${subject}@${turned}`, level: 'large', detail } }]
        : []),
    ];
  });
}

interface NewVotes {
  come: readonly StoredVote[];
  newestAtMs: number;
  heaviest: bigint | null;
}

const newVotes = new WeakMap<readonly StoredVote[], NewVotes>();

/** Votes that were not there when the bot came: those are no news. Made once of each list. */
function newsOf(votes: readonly StoredVote[]): NewVotes {
  const known = newVotes.get(votes);
  if (known !== undefined) return known;
  const come = votes.filter(({ atFirst, changedAtMs }) => !atFirst || changedAtMs !== null);
  const found = {
    come,
    newestAtMs: come.reduce((newest, vote) => Math.max(newest, seenAtMs(vote)), Number.NEGATIVE_INFINITY),
    heaviest: come.reduce<bigint | null>((most, { power }) => ((power ?? -1n) > (most ?? -1n) ? power : most), null),
  };
  newVotes.set(votes, found);
  return found;
}

/** All that an owner cast in one epoch is one vote, on however many gauges. */
function onGauges({ book, at, knownSinceSeconds }: GaugesNow, { largeVotePercent }: GovThresholds): Happened[] {
  if (knownSinceSeconds === null || book.completeSinceSeconds === null) return [];
  const newest = new Map<string, { owner: `0x${string}`; epoch: number; atSeconds: number }>();
  for (const { owner, epoch, atSeconds } of book.state.recent) {
    if (epoch === null || atSeconds < knownSinceSeconds) continue;
    const key = `${epoch}:${owner}`;
    if ((newest.get(key)?.atSeconds ?? 0) < atSeconds) newest.set(key, { owner, epoch, atSeconds });
  }
  return [...newest].flatMap(([key, { owner, epoch, atSeconds }]): Happened[] => {
    const votes = book.state.epochs.get(epoch);
    const eligible = book.eligible.find((one) => one.epoch === epoch)?.powerWei ?? null;
    const whole = eligible ?? ((votes?.voters.size ?? 0) >= MIN_VOTES ? (votes?.castWei ?? null) : null);
    const power = votes?.voters.get(owner) ?? 0n;
    if (whole === null || power * 100n <= whole * BigInt(largeVotePercent)) return [];
    const detail = () => ({
      label: `gauges of ${at.network.title}, epoch ${epoch}`,
      ...{
        voter: owner,
        share: shareOf(power, whole),
        power: amount(power, book.reading.unit),
        turned: null,
        choice: '',
      },
      ...{ whole: eligible === null ? 'what was cast' : 'all voting power', endSeconds: null },
    });
    const atMs = at.readAtMs + (atSeconds - at.clockSeconds) * 1000;
    return [{ at, atMs, sample: { subject: `vote:${at.source}:${key}`, level: 'large', detail } }];
  });
}

function large({ detail }: Incident, facts: AlertFacts): View {
  const { voter, share, power, whole, turned, choice, endSeconds } = detail;
  const isTurned = typeof turned === 'string';
  const weight =
    typeof power === 'string'
      ? `${power}${typeof share === 'number' ? `, ${percent(share)} of ${String(whole)}` : ''}`
      : '';
  const point: Line = [
    { strong: isTurned ? `One vote turned the outcome: now ${turned}` : `One vote of ${weight}` },
    ...(choice === '' ? [] : [`, for ${String(choice)}`]),
    '.',
  ];
  return govAlert(
    {
      headline: isTurned ? 'A vote turned the outcome' : 'Large vote',
      about: String(detail.label),
      tone: 'info',
      lines: [
        point,
        ['Voter: ', { code: String(voter) }, ...(isTurned && weight !== '' ? [`, ${weight}`] : []), '.'],
        ...(typeof endSeconds === 'number' ? [['Voting ends ', { time: endSeconds }, '.']] : []),
        'One address may vote for many people, and one person may have many.',
      ],
      actions:
        detail.ref === undefined
          ? [networkButton('Gauges', 'gov gauges', detail)]
          : [...proposalButton(detail), ...voterButton(voter)],
    },
    detail,
    facts,
  );
}

const OUTCOME: Readonly<Record<string, string>> = {
  passes: 'it passes',
  fails: 'it is rejected',
  vetoed: 'it is vetoed',
  'no-quorum': 'it lacks its quorum',
};

/** `it passes`, or which of free choices leads. */
function turnedWords(turned: string, { choices }: StoredProposal): string {
  const said = OUTCOME[turned];
  if (said !== undefined) return said;
  return `${cleanText(choices[Number(turned.split(' ')[1])] ?? '', 40) || 'another choice'} leads`;
}

const voterButton = (voter: unknown) =>
  typeof voter === 'string' && /^0x[0-9a-f]{40}$/.test(voter)
    ? [{ label: `Voter ${shortHex(voter)}`, command: `gov voter ${voter}`, mode: 'reply' as const }]
    : [];
