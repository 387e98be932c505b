import { duration } from '../../lib/units.ts';
import type { View } from '../../lib/view.ts';
import {
  bySourceClock,
  type GaugesNow,
  GOV_FAMILY,
  type GovSources,
  gaugesNow,
  govAlert,
  govSample,
  networkButton,
  type ProposalNow,
  proposalButton,
  proposalDetail,
  proposalSubject,
  proposalsNow,
  type SourceNow,
} from '../govRule.ts';
import type { Incident } from '../incident.ts';
import { turnoutWords } from '../proposalWords.ts';
import { type ReminderStep, reminderRule } from '../reminderSteps.ts';
import type { AlertFacts, Rule, Sample } from '../rule.ts';
import { nextStep, reminderOf } from '../votingEnd.ts';

/** Voting ends: one reminder of a step before it, of every proposal and of every vote on gauges. */
export const govEnds = (step: ReminderStep, sources: GovSources): Rule => ({
  ...reminder(step),
  id: reminderRule(GOV_FAMILY, step),
  family: GOV_FAMILY,
  summary: `Voting on a proposal or on gauges ends in ${hourWords(step)}; told once.`,
  samples: (facts) => [
    ...proposalsNow(facts, sources).flatMap((now) => {
      const sample = proposalReminder(step, now);
      return sample === null ? [] : [unlessHistory(sample, wasDueAtFirst(step, now))];
    }),
    ...gaugesNow(facts, sources).flatMap((now) => {
      const sample = epochReminder(step, now);
      const { clock } = now.book.reading;
      if (sample === null || clock === null) return [];
      const dueSeconds = clock.voteEndSeconds - step.seconds;
      return [unlessHistory(sample, now.knownSinceSeconds === null || now.knownSinceSeconds >= dueSeconds)];
    }),
  ],
  text: (_kind, incident, facts) => endsAlert(incident, facts),
});

/** `24 h` */
export const hourWords = ({ name }: Pick<ReminderStep, 'name'>): string => name.replace('h', ' h');

/** What was due before this bot knew of the network is history. */
const wasDueAtFirst = (step: ReminderStep, { proposal, at }: ProposalNow): boolean =>
  proposal.atFirst &&
  bySourceClock(proposal.firstSeenAtMs, at) >= (proposal.endAtSeconds ?? Number.POSITIVE_INFINITY) - step.seconds;

const unlessHistory = (sample: Sample, isHistory: boolean): Sample =>
  isHistory ? { ...sample, onlyIfOpen: true } : sample;

/** What all reminders share. */
export const reminder = (step: ReminderStep) =>
  ({
    levels: { due: { severity: 'info', forSeconds: 0 } },
    clearSeconds: 0,
    clears: 'the next reminder is due, or voting is over, without a word',
    threshold: null,
    dependsOn: [],
    facts: 'votes',
    readFrom: 'proposals and gauge votes of each network',
    isNews: true,
    lapses: true,
    // Until the next step is due by this bot's clock: an answer that lacks it for a moment must not have it told again.
    keeps: ({ firedAtMs, detail }, { nowMs }) =>
      nowMs - (firedAtMs ?? 0) < (Number(detail.leftSeconds) - nextStep(step)) * 1000,
  }) as const satisfies Partial<Rule>;

/** A reminder of one proposal; null: it has none. */
export function proposalReminder(step: ReminderStep, { proposal, at }: ProposalNow): Sample | null {
  const { status, startAtSeconds, endAtSeconds } = proposal;
  if (endAtSeconds === null) return null;
  const { previousEndAtSeconds, endChangedAtMs } = proposal;
  const due = reminderOf(step, {
    ...{ startSeconds: startAtSeconds, endSeconds: endAtSeconds },
    clockSeconds: at.clockSeconds,
    isOpen: status === 'voting',
    previous:
      previousEndAtSeconds === null || endChangedAtMs === null
        ? null
        : { endSeconds: previousEndAtSeconds, changedAtSeconds: bySourceClock(endChangedAtMs, at) },
  });
  if (due === null) return null;
  return endsSample(at, due, {
    subject: proposalSubject(proposal),
    detail: {
      ...proposalDetail(proposal),
      ...endDetail(endAtSeconds, at),
      words: due.verdict === 'bad' ? turnoutWords(proposal, at.clockSeconds) : '',
    },
  });
}

/** A reminder of the vote of this epoch; null: it has none, or nothing is known of its window. */
export function epochReminder(step: ReminderStep, { book, at }: GaugesNow): Sample | null {
  const { clock } = book.reading;
  if (clock === null) return null;
  const { epoch, voteStartSeconds, voteEndSeconds } = clock;
  const due = reminderOf(step, {
    ...{ startSeconds: voteStartSeconds, endSeconds: voteEndSeconds, clockSeconds: at.clockSeconds, previous: null },
    isOpen: at.clockSeconds >= voteStartSeconds,
  });
  if (due === null) return null;
  const voters = book.state.epochs.get(epoch)?.voters.size ?? 0;
  return endsSample(at, due, {
    subject: `epoch:${at.source}:${epoch}`,
    detail: {
      label: `gauges of ${at.network.title}, epoch ${epoch}`,
      ...endDetail(voteEndSeconds, at),
      words: book.completeSinceSeconds === null ? 'Who has voted is not known yet.' : `Voters so far: ${voters}.`,
    },
  });
}

const endDetail = (endSeconds: number, { clockSeconds }: SourceNow): Record<string, unknown> => ({
  endSeconds,
  leftSeconds: endSeconds - clockSeconds,
});

function endsSample(
  at: SourceNow,
  due: Pick<Sample, 'verdict' | 'onlyIfOpen'>,
  about: Pick<Sample, 'subject' | 'detail'>,
): Sample {
  return govSample(at, { ...about, level: 'due', ...due, verdict: at.isFresh ? due.verdict : 'unknown' });
}

function endsAlert({ detail }: Incident, facts: AlertFacts): View {
  return govAlert(
    {
      headline: `Voting ends in ${leftWords(detail)}`,
      about: String(detail.label),
      tone: 'info',
      lines: [[{ strong: 'Voting ends' }, ' ', { time: Number(detail.endSeconds) }, `. ${String(detail.words)}`]],
      actions: endButtons(detail),
    },
    detail,
    facts,
  );
}

/** A minute or two late is still on time. */
export function leftWords({ leftSeconds }: Record<string, unknown>): string {
  const minutes = Math.ceil(Number(leftSeconds) / 60);
  const rounded = Math.ceil(minutes / 60) * 60;
  if (rounded === 1_440 && minutes >= 1_435) return '24 h';
  return duration((minutes >= 55 && rounded - minutes <= 5 ? rounded : Math.max(1, minutes)) * 60);
}

export const endButtons = (detail: Record<string, unknown>) =>
  detail.ref === undefined ? [networkButton('Epoch', 'gov epoch', detail)] : proposalButton(detail);
