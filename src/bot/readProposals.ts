import { bySourceClock } from '../alerts/govRule.ts';
import type { ProposalStanding } from '../insight/participation.ts';
import { proposalStanding } from '../insight/proposalStanding.ts';
import { toSeconds } from '../lib/clock.ts';
import type { GovernanceKind } from '../lib/governanceFacts.ts';
import type { StoredProposal } from '../store/governanceRepository.ts';
import type { Option, Suggestion } from './command.ts';
import type { BotContext } from './context.ts';
import { proposalName } from './proposalWords.ts';

/** Kinds of sources that have proposals. */
export const PROPOSAL_KINDS: readonly GovernanceKind[] = ['cosmos', 'governor', 'snapshot'];

/** Votes read longer ago than this, or than the last two readings, say nothing about who has not voted. */
const VOTES_FRESH_MS = 15 * 60_000;

/** Where proposals stand now by the clocks of their sources; by this bot's where a source was not read. */
export async function standingsOf(
  { store, clock }: Pick<BotContext, 'store' | 'clock'>,
  proposals: readonly StoredProposal[],
): Promise<ProposalStanding[]> {
  const nowMs = clock.now();
  const clocks = new Map((await store.governance.read()).map((read) => [read.source, bySourceClock(nowMs, read)]));
  return proposals.map((proposal) => proposalStanding(proposal, clocks.get(proposal.source) ?? toSeconds(nowMs)));
}

/** Were all votes of an open proposal read lately? Otherwise nobody can be said not to have voted. */
export const knowsAbsent = (
  { status, votesReadAtMs }: Pick<StoredProposal, 'status' | 'votesReadAtMs'>,
  { clock }: Pick<BotContext, 'clock'>,
): boolean => status === 'voting' && votesReadAtMs !== null && clock.now() - votesReadAtMs <= VOTES_FRESH_MS;

/** Names one proposal. */
export const proposalOption: Option = {
  name: 'id',
  summary: 'Its number, or the beginning of its id',
  type: 'text',
  required: true,
  maxLength: 100,
  suggest: suggestProposals,
};

/** Of these many of the newest. */
const SUGGESTED_FROM = 60;
/** Somebody types letter after letter: the newest are read once for all of them. */
const HELD_MS = 5_000;

interface Held {
  atMs: number;
  names: Promise<Suggestion[]>;
}
const held = new WeakMap<BotContext, Held>();

async function suggestProposals(context: BotContext, typed: string): Promise<Suggestion[]> {
  const text = typed.trim().replace(/^#/, '').toLowerCase();
  const nowMs = context.clock.now();
  let now = held.get(context);
  if (now === undefined || nowMs - now.atMs >= HELD_MS || nowMs < now.atMs) {
    now = { atMs: nowMs, names: newestNames(context) };
    held.set(context, now);
    now.names.catch(() => held.delete(context));
  }
  const names = await now.names;
  return names
    .filter(({ label, value }) => value.toLowerCase().startsWith(text) || label.toLowerCase().includes(text))
    .slice(0, 25);
}

async function newestNames({ store, governance }: BotContext): Promise<Suggestion[]> {
  const sources = governance.flatMap(({ origins }) =>
    origins.filter(({ kind }) => PROPOSAL_KINDS.includes(kind)).map(({ source }) => source),
  );
  if (sources.length === 0) return [];
  const { rows } = await store.governance.proposals({ sources, statuses: [], limit: SUGGESTED_FROM, offset: 0 });
  return rows.map((proposal) => ({ label: proposalName(proposal), value: proposal.ref.slice(0, 100) }));
}
