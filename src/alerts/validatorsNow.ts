import { cleanText, shortHex } from '../lib/units.ts';
import type { Line, Tone, View } from '../lib/view.ts';
import type { StoredValidator } from '../store/governanceRepository.ts';
import { type GovSources, govAlert, networkButton, type SourceNow, sourcesNow } from './govRule.ts';
import type { AlertFacts } from './rule.ts';

/** A validator with the source that it is of. */
interface ValidatorNow {
  validator: StoredValidator;
  at: SourceNow;
}

export function validatorsNow(facts: AlertFacts, sources: GovSources): ValidatorNow[] {
  const now = sourcesNow(facts, sources);
  return (facts.governance?.validators ?? []).flatMap((validator) => {
    const at = now.get(validator.source);
    return at === undefined ? [] : [{ validator, at }];
  });
}

/** What texts about a validator need of it: its moniker is untrusted. */
export const validatorDetail = ({ address, moniker }: StoredValidator): Record<string, unknown> => ({
  label: cleanText(moniker, 50) || shortHex(address),
  address,
});

/** Of one that is not listed any more, be it that it left or that its network is not configured any more. */
export const NO_VALIDATOR = 'It is no validator any more, or is not read here any more.';

/** The frame that alerts about a validator share. */
export const validatorAlert = (
  words: { headline: string; tone: Tone; lines: Line[] },
  detail: Record<string, unknown>,
  facts: AlertFacts,
): View => govAlert({ ...words, about: String(detail.label), actions: [validatorsButton(detail)] }, detail, facts);

export const validatorsButton = (detail: Record<string, unknown>) =>
  networkButton('Validators', 'gov validators', detail);
