import type { VoteReading } from '../lib/governanceFacts.ts';
import type { Db, Dialect } from './client.ts';
import type { StoredVote } from './governanceRepository.ts';
import { type ColumnType, type Sql, sql } from './jsonRows.ts';
import { clampWhole } from './numbers.ts';
import { storable } from './proposalRows.ts';
import { readRows } from './readRows.ts';

type Row = Omit<StoredVote, 'choices' | 'power'> & { choices: string; power: string | null };

const COLUMNS: Record<keyof Row, ColumnType> = {
  ...({ proposalId: 'int', voter: 'text', choices: 'text', power: 'text', castAtSeconds: 'bigint' } as const),
  ...({ firstSeenAtMs: 'bigint', changedAtMs: 'bigint', atFirst: 'bool' } as const),
};

/**
 * Of votes `v`: the heaviest first, those of unknown power last; else the oldest first. Decimal texts without leading zeros: the longer is
 * the larger.
 */
export const HEAVIEST_FIRST: Sql = sql`CASE WHEN v."power" IS NULL THEN 1 ELSE 0 END, length(v."power") DESC,
  v."power" DESC, coalesce(v."castAtSeconds" * 1000, v."firstSeenAtMs"), v."voter"`;

const bornAtMs = ({ castAtSeconds, firstSeenAtMs }: StoredVote): number =>
  castAtSeconds === null ? firstSeenAtMs : castAtSeconds * 1000;

/** The same order among votes in memory. */
export function heaviestFirst(a: StoredVote, b: StoredVote): number {
  if (a.power !== b.power) {
    if (a.power === null) return 1;
    if (b.power === null) return -1;
    return a.power > b.power ? -1 : 1;
  }
  return bornAtMs(a) - bornAtMs(b) || (a.voter < b.voter ? -1 : 1);
}

/** A vote on a proposal as it is stored. */
export const toVoteRow = (proposalId: number, { voter, choices, power, castAtSeconds }: VoteReading) => ({
  proposalId,
  voter: storable(voter.toLowerCase()),
  choices: JSON.stringify(choices.map(({ choice, weight }) => ({ choice, weight }))),
  power: power === null ? null : String(power),
  castAtSeconds: castAtSeconds === null ? null : clampWhole(castAtSeconds),
});

/** Of a query of `"Vote"` rows, by proposal if not otherwise. */
export async function readVotes(
  db: Db,
  dialect: Dialect,
  query: Sql,
  order: readonly ('proposalId' | 'voter')[] = ['proposalId'],
): Promise<StoredVote[]> {
  const rows = await readRows<Row>(db, dialect, query, COLUMNS, order);
  // Thousands of votes say one of a few things.
  const said = new Map<string, StoredVote['choices']>();
  return rows.map((row): StoredVote => {
    const choices = said.get(row.choices) ?? (JSON.parse(row.choices) as StoredVote['choices']);
    said.set(row.choices, choices);
    // Written into the row: there may be hundreds of thousands.
    return Object.assign(row, { choices, power: row.power === null ? null : BigInt(row.power) });
  });
}
