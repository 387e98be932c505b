import { shortHex } from '../../lib/units.ts';
import type { View } from '../../lib/view.ts';
import { type GaugesNow, type GovSources, gaugesNow, govAlert, proposalsNow, VOTER_FAMILY } from '../govRule.ts';
import type { Incident } from '../incident.ts';
import { type ReminderStep, reminderRule } from '../reminderSteps.ts';
import type { AlertFacts, Rule, Sample } from '../rule.ts';
import { endButtons, epochReminder, hourWords, leftWords, proposalReminder, reminder } from './govEnds.ts';

/** Voting ends, and a followed voter has not voted. Not known is not "has not": then nothing is told until it is known. */
export const voterEnds = (step: ReminderStep, sources: GovSources): Rule => ({
  ...reminder(step),
  id: reminderRule(VOTER_FAMILY, step),
  family: VOTER_FAMILY,
  summary: `Voting ends in ${hourWords(step)} and the followed voter has not voted; told once.`,
  clears: 'they have voted, the next reminder is due, or voting is over, without a word',
  samples: (facts) => [
    ...onProposals(step, facts, sources),
    ...gaugesNow(facts, sources).flatMap((now) => onGauges(step, now, facts.followedVoters)),
  ],
  text: (_kind, incident, facts) => notVoted(incident, facts),
});

function onProposals(step: ReminderStep, facts: AlertFacts, sources: GovSources): Sample[] {
  const byId = new Map(
    proposalsNow(facts, sources).map((now): [number, Sample | null] => [now.proposal.id, proposalReminder(step, now)]),
  );
  return (facts.governance?.followed ?? []).flatMap(({ voter, proposalId, hasVoted }) => {
    const sample = byId.get(proposalId) ?? null;
    return sample === null ? [] : [ofVoter(sample, voter, hasVoted)];
  });
}

/** Owners of locks that could vote. Whether they did is known where all logs of the window are. */
function onGauges(step: ReminderStep, now: GaugesNow, followed: readonly string[]): Sample[] {
  const sample = epochReminder(step, now);
  const { reading, state, completeSinceSeconds } = now.book;
  if (sample === null || reading.clock === null || followed.length === 0) return [];
  const { epoch, voteStartSeconds } = reading.clock;
  const isKnown = completeSinceSeconds !== null && completeSinceSeconds <= voteStartSeconds;
  const voters = state.epochs.get(epoch)?.voters;
  const canVote = ownersOf(reading);
  return followed
    .filter((voter) => canVote.has(voter))
    .map((voter) => {
      const hasVoted = voters?.has(voter as `0x${string}`) === true;
      return ofVoter(sample, voter, hasVoted ? true : isKnown ? false : null);
    });
}

const owners = new WeakMap<GaugesNow['book']['reading'], ReadonlySet<string>>();

/** Of locks that can vote; made once of each reading. */
function ownersOf(reading: GaugesNow['book']['reading']): ReadonlySet<string> {
  const known = owners.get(reading);
  if (known !== undefined) return known;
  const found = new Set<string>();
  for (const { owner, exiting, powerWei } of reading.locks) if (!exiting && powerWei > 0n) found.add(owner);
  owners.set(reading, found);
  return found;
}

function ofVoter({ onlyIfOpen, ...sample }: Sample, voter: string, hasVoted: boolean | null): Sample {
  return {
    ...sample,
    subject: `${sample.subject}:${voter}`,
    topics: [`voter:${voter}`],
    verdict: hasVoted === true ? 'clear' : hasVoted === null && sample.verdict === 'bad' ? 'unknown' : sample.verdict,
    ...(onlyIfOpen === undefined ? {} : { onlyIfOpen }),
    detail: { ...sample.detail, voter },
  };
}

function notVoted({ detail }: Incident, facts: AlertFacts): View {
  const voter = shortHex(String(detail.voter));
  return govAlert(
    {
      headline: `Voting ends in ${leftWords(detail)}, not voted`,
      about: String(detail.label),
      tone: 'info',
      lines: [
        [
          { strong: `${voter} has not voted` },
          '. Voting ends ',
          { time: Number(detail.endSeconds) },
          `. ${String(detail.words)}`,
        ],
        ['Voter: ', { code: String(detail.voter) }],
      ],
      actions: endButtons(detail),
    },
    detail,
    facts,
  );
}
