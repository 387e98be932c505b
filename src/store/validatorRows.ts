import type { BondStatus, ValidatorReading } from '../lib/governanceFacts.ts';
import type { Db, Dialect } from './client.ts';
import type { StoredValidator } from './governanceRepository.ts';
import type { ColumnType, Sql } from './jsonRows.ts';
import { clampInt, clampWhole } from './numbers.ts';
import { storable } from './proposalRows.ts';
import { readRows } from './readRows.ts';

/** A validator with what only the next reading looks at. */
export interface ValidatorState extends StoredValidator {
  /** The last list lacked it; null: it did not, or it is gone. */
  missingAtMs: number | null;
}

type Row = Omit<
  ValidatorState,
  'tokensWei' | 'previousTokensWei' | 'startHeight' | 'address' | 'consensus' | 'status'
> & {
  address: string;
  consensus: string | null;
  status: string;
  tokensWei: string;
  previousTokensWei: string | null;
  startHeight: number | null;
};

export const VALIDATOR_COLUMNS: Record<keyof Row, ColumnType> = {
  ...({ source: 'text', address: 'text', consensus: 'text', moniker: 'text', status: 'text', jailed: 'bool' } as const),
  ...({ tombstoned: 'bool', tokensWei: 'text', jailedUntilSeconds: 'bigint', missedBlocks: 'int' } as const),
  ...({ windowBlocks: 'int', minSignedPpm: 'int', startHeight: 'bigint', atFirst: 'bool' } as const),
  ...({ firstSeenAtMs: 'bigint', lastReadAtMs: 'bigint', jailedAtMs: 'bigint', unjailedAtMs: 'bigint' } as const),
  ...({ missingAtMs: 'bigint', goneAtMs: 'bigint', returnedAtMs: 'bigint' } as const),
  ...({ previousTokensWei: 'text', powerChangedAtMs: 'bigint' } as const),
};

const intOrNull = (value: number | null): number | null => (value === null ? null : clampInt(value));

/** A reading as it is kept: the same, with what a column cannot take made so that it can. */
export const keptValidator = (reading: ValidatorReading): ValidatorReading => ({
  ...reading,
  address: reading.address.toLowerCase() as ValidatorReading['address'],
  consensus: (reading.consensus?.toLowerCase() ?? null) as ValidatorReading['consensus'],
  moniker: storable(reading.moniker),
  jailedUntilSeconds: reading.jailedUntilSeconds === null ? null : clampWhole(reading.jailedUntilSeconds),
  missedBlocks: intOrNull(reading.missedBlocks),
  windowBlocks: intOrNull(reading.windowBlocks),
  minSignedPpm: intOrNull(reading.minSignedPpm),
  startHeight: reading.startHeight === null ? null : BigInt(clampWhole(Number(reading.startHeight))),
});

export const toValidatorRow = (state: ValidatorState): Row => ({
  ...state,
  tokensWei: String(state.tokensWei),
  previousTokensWei: state.previousTokensWei === null ? null : String(state.previousTokensWei),
  startHeight: state.startHeight === null ? null : Number(state.startHeight),
});

/** Of a query of `"Validator"` rows: the mightiest first, with what only the next reading looks at. */
export async function readValidatorStates(db: Db, dialect: Dialect, query: Sql): Promise<ValidatorState[]> {
  const rows = await readRows<Row>(db, dialect, query, VALIDATOR_COLUMNS, ['source', 'address']);
  const states = rows.map((row) => ({
    ...row,
    address: row.address as ValidatorState['address'],
    consensus: row.consensus as ValidatorState['consensus'],
    status: row.status as BondStatus,
    tokensWei: BigInt(row.tokensWei),
    previousTokensWei: row.previousTokensWei === null ? null : BigInt(row.previousTokensWei),
    startHeight: row.startHeight === null ? null : BigInt(row.startHeight),
  }));
  return states.sort((a, b) => (a.tokensWei === b.tokensWei ? 0 : a.tokensWei > b.tokensWei ? -1 : 1));
}

export async function readValidators(db: Db, dialect: Dialect, query: Sql): Promise<StoredValidator[]> {
  return (await readValidatorStates(db, dialect, query)).map(({ missingAtMs: _, ...validator }) => validator);
}
