import type { VoteReading } from '../lib/governanceFacts.ts';
import type { Db, Dialect } from './client.ts';
import { jsonRows, sql } from './jsonRows.ts';
import { moment } from './matching.ts';
import { inPortions } from './portions.ts';
import type { ProposalState } from './proposalRows.ts';
import { toVoteRow } from './voteRows.ts';

/** What was read of the votes of one proposal. */
export interface VotesOf {
  proposal: Pick<ProposalState, 'atFirst' | 'votesReadAtMs' | 'storedVotes' | 'tally' | 'votesCount'> & { id: number };
  votes: readonly VoteReading[];
  isComplete: boolean;
}

const COLUMNS = {
  ...({ proposalId: 'int', voter: 'text', choices: 'text', power: 'text', castAtSeconds: 'bigint' } as const),
  atFirst: 'bool',
} as const;

/** Rows a statement: most are only compared. */
const PORTION = 1_000;

/** Adds and changes votes within the caller's transaction, and notes what was read completely. Answers whose votes are others now. */
export async function saveVoteRows(
  db: Db,
  dialect: Dialect,
  all: readonly VotesOf[],
  nowMs: number,
): Promise<Set<number>> {
  const touched = new Set<number>();
  for (const { proposal, votes } of all) {
    // Until they were read completely once, none of them is news.
    const atFirst = proposal.atFirst && proposal.votesReadAtMs === null;
    const rows = votes.map((vote) => ({ ...toVoteRow(proposal.id, vote), atFirst }));
    const ofEach = [...new Map(rows.map((row) => [row.voter, row])).values()];
    await inPortions(
      ofEach,
      async (portion) => {
        if ((await saveChanged(db, dialect, portion, nowMs)) > 0) touched.add(proposal.id);
      },
      PORTION,
    );
  }
  await note(db, dialect, touched, all.filter(isWhole), nowMs);
  return touched;
}

/** An answer without any vote is not believed where votes are known of. */
const isWhole = ({ proposal, votes, isComplete }: VotesOf): boolean =>
  isComplete &&
  (votes.length > 0 ||
    (proposal.storedVotes === 0 &&
      (proposal.votesCount ?? 0) === 0 &&
      (proposal.tally ?? []).every((amount) => amount === 0n)));

/**
 * How many are new or changed; the others, and those that were cast before what is known, are not written. What is not said of a vote
 * stays as it was.
 */
const saveChanged = (db: Db, dialect: Dialect, rows: readonly object[], nowMs: number): Promise<number> =>
  db.$executeRaw(sql`INSERT INTO "Vote" ("proposalId", "voter", "choices", "power", "castAtSeconds", "firstSeenAtMs", "atFirst")
    SELECT r."proposalId", r."voter", r."choices", r."power", r."castAtSeconds", ${moment(nowMs)}, r."atFirst"
    FROM ${jsonRows(dialect, rows, COLUMNS)} AS r
    LEFT JOIN "Vote" v ON v."proposalId" = r."proposalId" AND v."voter" = r."voter"
    WHERE v."voter" IS NULL OR (coalesce(r."castAtSeconds", v."castAtSeconds", -1) >= coalesce(v."castAtSeconds", -1)
      AND (v."choices" <> r."choices" OR coalesce(r."power", v."power", '') <> coalesce(v."power", '')
        OR coalesce(r."castAtSeconds", v."castAtSeconds", -1) <> coalesce(v."castAtSeconds", -1)))
    ON CONFLICT ("proposalId", "voter") DO UPDATE SET
      "changedAtMs" = CASE WHEN "Vote"."choices" <> excluded."choices" THEN ${moment(nowMs)} ELSE "Vote"."changedAtMs" END,
      "choices" = excluded."choices", "power" = coalesce(excluded."power", "Vote"."power"),
      "castAtSeconds" = coalesce(excluded."castAtSeconds", "Vote"."castAtSeconds")`);

async function note(
  db: Db,
  dialect: Dialect,
  touched: ReadonlySet<number>,
  whole: readonly VotesOf[],
  nowMs: number,
): Promise<void> {
  const counted = [...touched].map((id) => ({ id }));
  if (counted.length > 0)
    await db.$executeRaw(sql`UPDATE "Proposal" SET "storedVotes" =
        (SELECT count(*) FROM "Vote" v WHERE v."proposalId" = "Proposal"."id")
      WHERE "id" IN (SELECT r."id" FROM ${jsonRows(dialect, counted, { id: 'int' })} AS r)`);
  const read = whole.map(({ proposal: { id } }) => ({ id }));
  if (read.length > 0)
    await db.$executeRaw(sql`UPDATE "Proposal" SET "votesReadAtMs" = ${moment(nowMs)}
      WHERE "id" IN (SELECT r."id" FROM ${jsonRows(dialect, read, { id: 'int' })} AS r)`);
}
