import { z } from 'zod';
import { parseDecimal } from '../../lib/decimal.ts';
import type { ProposalReading, ProposalStatus, VoteReading } from '../../lib/governanceFacts.ts';
import { cleanText } from '../../lib/units.ts';
import { readChoices } from './choices.ts';

/** Voting power comes with this many decimals at most. */
const DECIMALS = 18;
const MAX_TITLE = 200;
const MAX_SUMMARY = 2_000;
const MAX_CHOICES = 500;
const MAX_CHOICE = 100;

/** `7`, `"7.25"`, `"1.2e+21"` as whole numbers of 10^-18. */
const amount = z.union([z.number(), z.string()]).transform((value, context) => {
  const read = parseDecimal(String(value), DECIMALS);
  if (read !== null && read >= 0n) return read;
  context.addIssue({ code: 'custom', message: 'no amount' });
  return z.NEVER;
});
/** What cannot be read is null. */
const maybe = <T extends z.ZodType>(schema: T) => schema.nullish().catch(null);
/** Cut first, so that cleaning costs no more than it must. */
const text = (max: number) => z.string().transform((value) => cleanText(value.slice(0, max * 4), max));
const seconds = z.int().min(0).max(4_102_444_800);

const proposalShape = z.object({
  id: z.string().regex(/^[\w.:-]{1,100}$/),
  created: seconds,
  title: text(MAX_TITLE),
  body: maybe(text(MAX_SUMMARY)),
  author: maybe(text(80)),
  type: maybe(text(30)),
  choices: z.array(z.union([z.string(), z.number().transform(String)]).pipe(text(MAX_CHOICE))).max(MAX_CHOICES),
  start: seconds,
  end: seconds,
  state: z.string(),
  quorum: maybe(amount),
  scores: maybe(z.array(amount)),
  votes: maybe(z.int().min(0)),
  privacy: maybe(z.string()),
  link: maybe(z.url({ protocol: /^https$/ }).max(300)),
});

export interface HubProposal {
  id: string;
  created: number;
  type: string;
  reading: ProposalReading;
}

const STATUS: Record<string, ProposalStatus> = { pending: 'pending', active: 'voting', closed: 'closed' };

/** One row of `proposals`; null when it is none. `symbol`: what the space calls its power. */
export function readProposal(row: unknown, symbol: string): HubProposal | null {
  const parsed = proposalShape.safeParse(row);
  if (!parsed.success) return null;
  const { id, created, title, body, author, choices, start, end, state, scores, votes, privacy, link } = parsed.data;
  const status = STATUS[state] ?? 'unknown';
  const type = parsed.data.type ?? '';
  const isShielded = (privacy ?? '') !== '';
  const isBasic = type === 'basic' && choices.length >= 2;
  const quorum = parsed.data.quorum ?? 0n;
  const isHidden = status === 'pending' || (isShielded && status !== 'closed');
  const isCounted = scores?.length === choices.length && (scores.some((score) => score > 0n) || votes === 0);
  const reading: ProposalReading = {
    ref: id,
    title,
    summary: body ?? '',
    proposer: author?.toLowerCase() ?? null,
    status,
    kinds: type === '' ? [] : [type],
    submittedAtSeconds: created,
    startAtSeconds: start,
    endAtSeconds: end,
    choices,
    tally: scores != null && isCounted && !isHidden ? scores : null,
    terms: {
      unit: { symbol, decimals: DECIMALS },
      eligible: null,
      eligibleWords: 'not known: Snapshot does not say who could vote',
      otherEligible: null,
      quorum: quorum > 0n ? quorum : null,
      quorumChoices: quorum > 0n ? choices.map((_, index) => index) : [],
      threshold: null,
      veto: null,
      // Only of basic voting the choices have a meaning: for, against, abstain.
      yes: isBasic ? 0 : null,
      against: isBasic ? [1] : [],
      vetoChoice: null,
      shielded: isShielded,
    },
    votesCount: votes ?? null,
    link: link ?? null,
  };
  return { id, created, type, reading };
}

const voteShape = z.object({
  id: z.string().regex(/^[\w.:-]{1,100}$/),
  voter: z.string().regex(/^0x[0-9a-fA-F]{40,64}$/),
  created: seconds,
  choice: z.unknown(),
  vp: maybe(amount),
});

export interface HubVote {
  id: string;
  created: number;
  reading: VoteReading;
}

/** One row of `votes` for that proposal; null when it is none. */
export function readVote(row: unknown, { type, reading }: HubProposal): HubVote | null {
  const parsed = voteShape.safeParse(row);
  if (!parsed.success) return null;
  const { id, voter, created, choice, vp } = parsed.data;
  const choices = readChoices(choice, type, reading.choices.length);
  return { id, created, reading: { voter: voter.toLowerCase(), choices, power: vp ?? null, castAtSeconds: created } };
}
