import type { ValidatorReading } from '../../lib/governanceFacts.ts';
import type { SetReading } from '../../lib/influence.ts';
import { cleanText } from '../../lib/units.ts';
import { some } from './count.ts';
import { type SetInput, setReading, Weights } from './weights.ts';

const MAX_LABEL = 60;

/** Tokens are power by 10^18. */
const POWER = { symbol: 'power', decimals: 18 };

/** Bonded validators by their voting power. */
export function validatorSet(validators: readonly ValidatorReading[], input: SetInput): SetReading {
  const weights = new Weights();
  let [apart, powerless] = [0, 0];
  for (const { address, moniker, status, tokensWei } of validators) {
    if (status !== 'bonded') apart += 1;
    else if (tokensWei <= 0n) powerless += 1;
    else weights.add(address, tokensWei, cleanText(moniker, MAX_LABEL) || address);
  }
  return setReading('validators', input, POWER, weights.members(), [
    some(apart, 'validator', 'not bonded'),
    some(powerless, 'bonded validator', 'without power'),
  ]);
}
