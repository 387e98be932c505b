import type { ProposalReading } from '../lib/governanceFacts.ts';
import type { Db, Dialect } from './client.ts';
import type { GovernanceRepository } from './governanceRepository.ts';
import { noteSourceRead, type SourceRead, sourceRead } from './governanceSources.ts';
import { jsonRows, raw, sql } from './jsonRows.ts';
import { moment } from './matching.ts';
import { newProposal, nextProposal } from './nextProposal.ts';
import { inPortions } from './portions.ts';
import {
  kept,
  PROPOSAL_COLUMNS,
  type ProposalState,
  readProposalStates,
  storable,
  toProposalRow,
} from './proposalRows.ts';
import { saveVoteRows, type VotesOf } from './saveVotes.ts';

type Input = Parameters<GovernanceRepository['saveProposals']>[0];

/** Stores what a source said within the caller's transaction. Answers the ids of proposals whose votes are others now. */
export async function saveProposalRows(db: Db, dialect: Dialect, input: Input): Promise<Set<number>> {
  const { source, clockSeconds, nowMs } = input;
  const readings = new Map(input.readings.map(kept).map((reading) => [reading.ref, reading]));
  const votes = new Map([...input.votes].map(([ref, said]) => [storable(ref), said]));
  const read = await sourceRead(db, source);
  const before = await statesOf(db, dialect, source, new Set([...readings.keys(), ...votes.keys()]));
  const stale = new Set<string>();
  const replaced = new Set<number>();
  const states: ProposalState[] = [];
  for (const [ref, reading] of readings) {
    const known = before.get(ref);
    if (known === undefined || isAnother(known, reading)) {
      if (known !== undefined) replaced.add(known.id);
      states.push(newProposal(reading, { source, clockSeconds, nowMs, atFirst: wasThere(reading, read) }));
      continue;
    }
    const next = nextProposal(known, reading, { source, clockSeconds, nowMs });
    states.push(next.state);
    if (next.isStale) stale.add(ref);
  }
  await db.vote.deleteMany({ where: { proposalId: { in: [...replaced] } } });
  await saveStates(db, dialect, before, states, { source, nowMs });
  await noteSourceRead(db, read, { source, clockSeconds, nowMs, isEmpty: readings.size === 0 });
  const changed = await saveVotes(db, dialect, input, new Map([...votes].filter(([ref]) => !stale.has(ref))));
  return new Set([...changed, ...replaced]);
}

/** The chain was reset, and its numbers begin anew: what was submitted at another moment is another proposal. */
const isAnother = (known: ProposalState, { submittedAtSeconds }: ProposalReading): boolean =>
  known.submittedAtSeconds !== null && submittedAtSeconds !== null && known.submittedAtSeconds !== submittedAtSeconds;

/**
 * Was it there when the source was read for the first time? Then it is no news. What opened before that was, whenever it was named
 * first; where that is not known, what comes after an empty first answer is taken for it.
 */
function wasThere({ submittedAtSeconds, startAtSeconds }: ProposalReading, read: SourceRead | null): boolean {
  if (read === null) return true;
  const openedAtSeconds = submittedAtSeconds ?? startAtSeconds;
  return openedAtSeconds === null ? read.isEmpty : openedAtSeconds < read.firstClockSeconds;
}

async function statesOf(
  db: Db,
  dialect: Dialect,
  source: string,
  refs: ReadonlySet<string>,
): Promise<Map<string, ProposalState & { id: number }>> {
  if (refs.size === 0) return new Map();
  const wanted = jsonRows(
    dialect,
    [...refs].map((ref) => ({ ref })),
    { ref: 'text' },
  );
  const query = sql`SELECT p.* FROM ${wanted} AS r JOIN "Proposal" p ON p."source" = ${source} AND p."ref" = r."ref"`;
  return new Map((await readProposalStates(db, dialect, query)).map((state) => [state.ref, state]));
}

/** Proposals a statement: each may have a long text. */
const PORTION = 100;

async function saveStates(
  db: Db,
  dialect: Dialect,
  before: ReadonlyMap<string, ProposalState>,
  states: readonly ProposalState[],
  { source, nowMs }: { source: string; nowMs: number },
): Promise<void> {
  const isSame = (state: ProposalState): boolean => {
    const known = before.get(state.ref);
    return known !== undefined && textOf(known) === textOf({ ...state, lastReadAtMs: known.lastReadAtMs });
  };
  const names = Object.keys(PROPOSAL_COLUMNS);
  const list = (prefix = '') => raw(names.map((name) => `${prefix}"${name}"`).join(', '));
  const update = raw(names.map((name) => `"${name}" = excluded."${name}"`).join(', '));
  const changed = states.filter((state) => !isSame(state)).map(toProposalRow);
  await inPortions(
    changed,
    (rows) =>
      db.$executeRaw(sql`INSERT INTO "Proposal" (${list()}) SELECT ${list('r.')}
        FROM ${jsonRows(dialect, rows, PROPOSAL_COLUMNS)} AS r WHERE true
        ON CONFLICT ("source", "ref") DO UPDATE SET ${update}`),
    PORTION,
  );
  const same = states.filter(isSame).map(({ ref }) => ({ ref }));
  if (same.length > 0)
    await db.$executeRaw(sql`UPDATE "Proposal" SET "lastReadAtMs" = ${moment(nowMs)} WHERE "source" = ${source}
      AND "ref" IN (SELECT r."ref" FROM ${jsonRows(dialect, same, { ref: 'text' })} AS r)`);
}

/** The same for the same, in whatever order its fields are. */
function textOf(state: ProposalState): string {
  const row: Record<string, unknown> = { ...toProposalRow(state) };
  return JSON.stringify(Object.keys(PROPOSAL_COLUMNS).map((name) => row[name]));
}

/** Votes on proposals that are not known are left out. */
async function saveVotes(
  db: Db,
  dialect: Dialect,
  { source, nowMs }: Input,
  votes: Input['votes'],
): Promise<Set<number>> {
  if (votes.size === 0) return new Set();
  const states = await statesOf(db, dialect, source, new Set(votes.keys()));
  const all = [...votes].flatMap(([ref, said]): VotesOf[] => {
    const proposal = states.get(ref);
    return proposal === undefined ? [] : [{ proposal, ...said }];
  });
  return await saveVoteRows(db, dialect, all, nowMs);
}
