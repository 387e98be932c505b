import { setImmediate as turn } from 'node:timers/promises';
import { isClosed, PROPOSAL_STATUSES } from '../lib/governanceFacts.ts';
import type { OpenClient } from './client.ts';
import type { GovernanceFacts, StoredProposal } from './governanceRepository.ts';
import { readSources } from './governanceSources.ts';
import type { HeldVotes } from './heldVotes.ts';
import { join, jsonRows, sql } from './jsonRows.ts';
import { toBig } from './numbers.ts';
import { NEWEST_FIRST, readProposals } from './proposalRows.ts';
import { readRows } from './readRows.ts';
import { readValidators } from './validatorRows.ts';

const MINUTE_MS = 60_000;
const RECENT_MS = 2 * 86_400_000;
const MAX_PROPOSALS = 1_000;

/** Statuses in which a vote may still come. */
const OPEN = PROPOSAL_STATUSES.filter((status) => !isClosed(status));

/**
 * Votes may be read less often than the list of proposals, some thousand of them take minutes, and one answer in between may have been
 * empty: this much older than the last reading of their source they may be. Reminders are an hour apart at the least.
 */
const VOTES_LAG_MS = 10 * MINUTE_MS;
/** Older votes are no news of who has not voted, whenever their source was asked last: it is asked every hour at the least. */
const VOTES_AGE_MS = 120 * MINUTE_MS;

/** Everything that rules about proposals and validators look at; null before any source was read. */
export async function loadGovernanceFacts(
  client: OpenClient,
  held: HeldVotes,
  nowMs: number,
): Promise<GovernanceFacts | null> {
  const { prisma, dialect } = client;
  const sources = await readSources(prisma);
  if (sources.length === 0) return null;
  const since = toBig(nowMs - RECENT_MS);
  const isOpen = sql`p."status" IN (${join(OPEN)})`;
  // Hundreds may have been over when their source was read for the first time.
  const proposals = await readProposals(
    prisma,
    dialect,
    sql`SELECT p.* FROM "Proposal" p WHERE ${isOpen} OR ((p."firstSeenAtMs" >= ${since} OR p."closedAtMs" >= ${since})
        AND NOT (p."atFirst" AND p."closedAtMs" = p."firstSeenAtMs"))
      ORDER BY CASE WHEN ${isOpen} THEN 0 ELSE 1 END, ${NEWEST_FIRST} LIMIT ${MAX_PROPOSALS}`,
  );
  return {
    sources,
    proposals,
    votes: await held.of(proposals.filter(({ status, closedAtMs }) => !isClosed(status) || (closedAtMs ?? 0) >= since)),
    followed: await followed(client, sources, proposals, nowMs),
    validators: await readValidators(
      prisma,
      dialect,
      sql`SELECT * FROM "Validator" WHERE "goneAtMs" IS NULL OR "goneAtMs" >= ${since}`,
    ),
  };
}

async function followed(
  { prisma, dialect }: OpenClient,
  sources: GovernanceFacts['sources'],
  proposals: readonly StoredProposal[],
  nowMs: number,
): Promise<GovernanceFacts['followed']> {
  const rows = await readRows<{ subject: string }>(
    prisma,
    dialect,
    sql`SELECT DISTINCT s."subject" FROM "Subscription" s JOIN "Destination" d ON d."id" = s."destinationId"
      WHERE s."scope" = 'voter' AND d."state" = 'active'`,
    { subject: 'text' },
    ['subject'],
  );
  const voters = [...new Set(rows.map(({ subject }) => subject.toLowerCase()))].sort();
  const open = proposals.filter(({ status }) => !isClosed(status));
  if (voters.length === 0 || open.length === 0) return [];
  const ids = open.map(({ id }) => ({ id }));
  const cast = await readRows<{ proposalId: number; voter: string }>(
    prisma,
    dialect,
    sql`SELECT v."proposalId", v."voter" FROM ${jsonRows(
      dialect,
      voters.map((voter) => ({ voter })),
      { voter: 'text' },
    )} AS f JOIN "Vote" v ON v."voter" = f."voter"
      WHERE v."proposalId" IN (SELECT r."id" FROM ${jsonRows(dialect, ids, { id: 'int' })} AS r)`,
    { proposalId: 'int', voter: 'text' },
    ['proposalId', 'voter'],
  );
  const votersOf = Map.groupBy(cast, ({ proposalId }) => proposalId);
  const readAtMs = new Map(sources.map((source) => [source.source, source.readAtMs]));
  const found: GovernanceFacts['followed'] = [];
  for (const proposal of open) {
    const isKnown = votesKnown(proposal, readAtMs.get(proposal.source) ?? null, nowMs);
    const has = new Set(votersOf.get(proposal.id)?.map(({ voter }) => voter));
    for (const voter of voters) {
      found.push({ voter, proposalId: proposal.id, hasVoted: has.has(voter) ? true : isKnown ? false : null });
    }
    await turn();
  }
  return found;
}

/** Were all its votes read, and lately enough that who is not among them has not voted? */
const votesKnown = ({ votesReadAtMs }: StoredProposal, sourceReadAtMs: number | null, nowMs: number): boolean =>
  votesReadAtMs !== null &&
  sourceReadAtMs !== null &&
  sourceReadAtMs - votesReadAtMs <= VOTES_LAG_MS &&
  nowMs - votesReadAtMs <= VOTES_AGE_MS;
