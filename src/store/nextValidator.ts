import type { ValidatorReading } from '../lib/governanceFacts.ts';
import type { ValidatorState } from './validatorRows.ts';

/** A validator that was not known, as its first reading says it. */
export function newValidator(
  reading: ValidatorReading,
  { source, atFirst, nowMs }: { source: string; atFirst: boolean; nowMs: number },
): ValidatorState {
  return {
    ...reading,
    ...{ source, atFirst, firstSeenAtMs: nowMs, lastReadAtMs: nowMs, unjailedAtMs: null },
    // Since when is not known of what was jailed at first.
    jailedAtMs: reading.jailed && !atFirst ? nowMs : null,
    ...{ missingAtMs: null, goneAtMs: null, returnedAtMs: null, previousTokensWei: null, powerChangedAtMs: null },
  };
}

/** A known validator after another reading of it. Pure. */
export function nextValidator(before: ValidatorState, reading: ValidatorReading, nowMs: number): ValidatorState {
  const isMoved = reading.tokensWei !== before.tokensWei;
  return {
    ...before,
    ...reading,
    // Its key does not go, the answer about it does.
    consensus: reading.consensus ?? before.consensus,
    lastReadAtMs: nowMs,
    jailedAtMs: reading.jailed && !before.jailed ? nowMs : before.jailedAtMs,
    unjailedAtMs: !reading.jailed && before.jailed ? nowMs : before.unjailedAtMs,
    ...{ missingAtMs: null, goneAtMs: null },
    returnedAtMs: before.goneAtMs === null ? before.returnedAtMs : nowMs,
    previousTokensWei: isMoved ? before.tokensWei : before.previousTokensWei,
    powerChangedAtMs: isMoved ? nowMs : before.powerChangedAtMs,
  };
}

/** A known validator that a list lacks: gone when the list before lacked it too. Pure. */
export function missingValidator(before: ValidatorState, nowMs: number): ValidatorState {
  if (before.goneAtMs !== null) return before;
  if (before.missingAtMs === null || before.missingAtMs >= nowMs) return { ...before, missingAtMs: nowMs };
  return { ...before, missingAtMs: null, goneAtMs: nowMs };
}
