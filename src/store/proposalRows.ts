import type { ProposalReading, ProposalStatus, ProposalTerms, Ratio } from '../lib/governanceFacts.ts';
import type { Db, Dialect } from './client.ts';
import type { StoredProposal } from './governanceRepository.ts';
import { type ColumnType, jsonRows, type Sql, sql } from './jsonRows.ts';
import { clampInt, clampWhole } from './numbers.ts';
import { readRows } from './readRows.ts';

/** A proposal with what only its next reading looks at. */
export interface ProposalState extends Omit<StoredProposal, 'id'> {
  /** The last answer said a status from before the stored one. */
  backAtMs: number | null;
}

type Row = Omit<ProposalState, 'status' | 'kinds' | 'choices' | 'tally' | 'terms'> & {
  status: string;
  kinds: string;
  choices: string;
  tally: string | null;
  terms: string;
};

export const PROPOSAL_COLUMNS: Record<keyof Row, ColumnType> = {
  ...({ source: 'text', ref: 'text', title: 'text', summary: 'text', proposer: 'text', status: 'text' } as const),
  ...({ kinds: 'text', submittedAtSeconds: 'bigint', startAtSeconds: 'bigint', endAtSeconds: 'bigint' } as const),
  ...({ choices: 'text', tally: 'text', terms: 'text', votesCount: 'int', link: 'text', atFirst: 'bool' } as const),
  ...({ firstSeenAtMs: 'bigint', lastReadAtMs: 'bigint', statusAtMs: 'bigint' } as const),
  ...({ previousEndAtSeconds: 'bigint', endChangedAtMs: 'bigint', closedAtMs: 'bigint' } as const),
  ...({ closedAtSeconds: 'bigint', votesReadAtMs: 'bigint', storedVotes: 'int', backAtMs: 'bigint' } as const),
};

const STORED_COLUMNS = { id: 'int', ...PROPOSAL_COLUMNS } as const;

/** When a proposal `p` began, as far as that is known; the newest is shown first. */
const BEGAN: Sql = sql`coalesce(p."startAtSeconds", p."submittedAtSeconds", p."firstSeenAtMs" / 1000)`;
export const NEWEST_FIRST: Sql = sql`${BEGAN} DESC, p."id" DESC`;

const began = ({ startAtSeconds, submittedAtSeconds, firstSeenAtMs }: StoredProposal): number =>
  startAtSeconds ?? submittedAtSeconds ?? Math.floor(firstSeenAtMs / 1000);
const newestFirst = (a: StoredProposal, b: StoredProposal): number => began(b) - began(a) || b.id - a.id;

/** Text that both dialects take: PostgreSQL has no NUL and no halves of characters. */
export const storable = (text: string): string => text.toWellFormed().replaceAll('\0', '');
const storableOrNull = (text: string | null): string | null => (text === null ? null : storable(text));
const wholeOrNull = (value: number | null): number | null => (value === null ? null : clampWhole(value));

/** A reading as it is kept: the same, with what a column cannot take made so that it can. */
export const kept = (reading: ProposalReading): ProposalReading => ({
  ...reading,
  ref: storable(reading.ref),
  title: storable(reading.title),
  summary: storable(reading.summary),
  proposer: storableOrNull(reading.proposer),
  submittedAtSeconds: wholeOrNull(reading.submittedAtSeconds),
  startAtSeconds: wholeOrNull(reading.startAtSeconds),
  endAtSeconds: wholeOrNull(reading.endAtSeconds),
  votesCount: reading.votesCount === null ? null : clampInt(reading.votesCount),
  link: storableOrNull(reading.link),
});

export const toProposalRow = (state: ProposalState): Row => ({
  ...state,
  kinds: JSON.stringify(state.kinds),
  choices: JSON.stringify(state.choices),
  tally: state.tally === null ? null : JSON.stringify(state.tally.map(String)),
  terms: termsText(state.terms),
});

function fromRow({ atFirst, ...row }: Row & { id: number }): ProposalState & { id: number } {
  return {
    ...row,
    atFirst: Boolean(atFirst),
    status: row.status as ProposalStatus,
    kinds: JSON.parse(row.kinds) as string[],
    choices: JSON.parse(row.choices) as string[],
    tally: row.tally === null ? null : (JSON.parse(row.tally) as string[]).map(BigInt),
    terms: readTerms(row.terms),
  };
}

/** Of a query of `"Proposal"` rows, by id; with what only the next reading looks at. */
export async function readProposalStates(
  db: Db,
  dialect: Dialect,
  query: Sql,
): Promise<(ProposalState & { id: number })[]> {
  return (await readRows<Row & { id: number }>(db, dialect, query, STORED_COLUMNS, ['id'])).map(fromRow);
}

/** Of a query of `"Proposal"` rows, the newest first. */
export async function readProposals(db: Db, dialect: Dialect, query: Sql): Promise<StoredProposal[]> {
  const states = await readProposalStates(db, dialect, query);
  return states.map(({ backAtMs: _, ...proposal }) => proposal).sort(newestFirst);
}

export async function readProposalsById(db: Db, dialect: Dialect, ids: readonly number[]): Promise<StoredProposal[]> {
  const wanted = jsonRows(
    dialect,
    [...new Set(ids)].map((id) => ({ id })),
    { id: 'int' },
  );
  return await readProposals(db, dialect, sql`SELECT p.* FROM ${wanted} AS r JOIN "Proposal" p ON p."id" = r."id"`);
}

/** As JSON, with amounts as decimal texts; always in this order, so that the same terms are the same text. */
const termsText = (terms: ProposalTerms): string =>
  JSON.stringify({
    unit: { symbol: terms.unit.symbol, decimals: terms.unit.decimals },
    eligible: textOf(terms.eligible),
    eligibleWords: terms.eligibleWords,
    otherEligible: terms.otherEligible && {
      amount: String(terms.otherEligible.amount),
      words: terms.otherEligible.words,
    },
    quorum: textOf(terms.quorum),
    quorumChoices: terms.quorumChoices,
    threshold: ratioText(terms.threshold),
    veto: ratioText(terms.veto),
    yes: terms.yes,
    against: terms.against,
    vetoChoice: terms.vetoChoice,
    shielded: terms.shielded,
  });

type TextOf<Value> = Value extends bigint
  ? string
  : Value extends readonly unknown[] | string | number | boolean | null
    ? Value
    : { [Key in keyof Value]: TextOf<Value[Key]> };

function readTerms(text: string): ProposalTerms {
  const terms = JSON.parse(text) as TextOf<ProposalTerms>;
  return {
    ...terms,
    eligible: amountOf(terms.eligible),
    otherEligible: terms.otherEligible && { ...terms.otherEligible, amount: BigInt(terms.otherEligible.amount) },
    quorum: amountOf(terms.quorum),
    threshold: ratioOf(terms.threshold),
    veto: ratioOf(terms.veto),
  };
}

const textOf = (amount: bigint | null): string | null => (amount === null ? null : String(amount));
const amountOf = (text: string | null): bigint | null => (text === null ? null : BigInt(text));
const ratioText = (ratio: Ratio | null) => ratio && { num: String(ratio.num), den: String(ratio.den) };
const ratioOf = (ratio: TextOf<Ratio> | null): Ratio | null =>
  ratio && { num: BigInt(ratio.num), den: BigInt(ratio.den) };
