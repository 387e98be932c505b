import type { Db, Dialect } from './client.ts';
import type { GovernanceRepository } from './governanceRepository.ts';
import { noteSourceRead, sourceRead } from './governanceSources.ts';
import { jsonRows, raw, sql } from './jsonRows.ts';
import { missingValidator, newValidator, nextValidator } from './nextValidator.ts';
import { inPortions } from './portions.ts';
import { keptValidator, readValidatorStates, toValidatorRow, VALIDATOR_COLUMNS } from './validatorRows.ts';

type Input = Parameters<GovernanceRepository['saveValidators']>[0];

/** Stores a list of all validators within the caller's transaction. An empty one is no answer: a chain has validators. */
export async function saveValidatorRows(db: Db, dialect: Dialect, input: Input): Promise<void> {
  const { source, clockSeconds, nowMs } = input;
  if (input.readings.length === 0) return;
  const readings = new Map(input.readings.map(keptValidator).map((reading) => [reading.address, reading]));
  const read = await sourceRead(db, source);
  const known = await readValidatorStates(db, dialect, sql`SELECT * FROM "Validator" WHERE "source" = ${source}`);
  const states = known.map((before) => {
    const reading = readings.get(before.address);
    readings.delete(before.address);
    return reading === undefined ? missingValidator(before, nowMs) : nextValidator(before, reading, nowMs);
  });
  for (const reading of readings.values())
    states.push(newValidator(reading, { source, atFirst: read === null, nowMs }));
  const names = Object.keys(VALIDATOR_COLUMNS);
  const list = (prefix = '') => raw(names.map((name) => `${prefix}"${name}"`).join(', '));
  const update = raw(names.map((name) => `"${name}" = excluded."${name}"`).join(', '));
  await inPortions(states.map(toValidatorRow), (rows) =>
    db.$executeRaw(sql`INSERT INTO "Validator" (${list()}) SELECT ${list('r.')}
      FROM ${jsonRows(dialect, rows, VALIDATOR_COLUMNS)} AS r WHERE true
      ON CONFLICT ("source", "address") DO UPDATE SET ${update}`),
  );
  await noteSourceRead(db, read, { source, clockSeconds, nowMs, isEmpty: false });
}
