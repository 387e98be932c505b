import { AssayError, explain } from './lib/errors.ts';
import { NoContractError } from './sources/evm/client.ts';
import { NotARegistryError } from './sources/opengradient/teeRegistry.ts';

/** One assumption, and what asking found. */
export interface Finding {
  check: string;
  outcome: 'holds' | 'differs' | 'could not ask';
  detail: string;
}

type Verdict = [ok: boolean, detail: string];

/** Nothing there to look at: neither as assumed nor otherwise. */
export class NothingToSee extends AssayError {}

/** Asks, and turns whatever comes of it into a finding. Never rejects. */
export async function check(name: string, ask: () => Promise<Verdict>): Promise<Finding> {
  try {
    return verdict(name, await ask());
  } catch (error) {
    // That nothing of the kind is there is an answer.
    const answered = error instanceof NotARegistryError || error instanceof NoContractError;
    return { check: name, outcome: answered ? 'differs' : 'could not ask', detail: explain(error) };
  }
}

export const verdict = (name: string, [ok, detail]: Verdict): Finding => ({
  check: name,
  outcome: ok ? 'holds' : 'differs',
  detail,
});

/** What rests on something that could not be asked cannot be asked either, and is said all the same. */
export function* unasked(checks: readonly string[]): Generator<Finding> {
  for (const name of checks) yield { check: name, outcome: 'could not ask', detail: 'nothing to ask it at, see above' };
}
