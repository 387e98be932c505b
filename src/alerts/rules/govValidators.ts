import { amount } from '../../lib/amount.ts';
import type { Line } from '../../lib/view.ts';
import type { StoredValidator } from '../../store/governanceRepository.ts';
import { GOV_NEWS, type Happened, manyAlert, newsSamples } from '../govNews.ts';
import type { GovSources } from '../govRule.ts';
import type { Rule } from '../rule.ts';
import { validatorAlert, validatorDetail, validatorsButton, validatorsNow } from '../validatorsNow.ts';

/** Tokens of one unit of power (evmd/app.go sets the power reduction to it). */
const POWER_WEI = 10n ** 18n;
const POWER = { symbol: 'power', decimals: 18 };

const HEADLINES: Readonly<Record<string, string>> = {
  joined: 'New validator',
  returned: 'Validator is back',
  left: 'Validator left',
  power: 'Voting power changed',
};

/** The set of validators changed: one joined, left, came back, or has another power. */
export const govValidators = (sources: GovSources): Rule => ({
  ...GOV_NEWS,
  id: 'gov.validators',
  summary: 'A validator joined, left or came back, or its voting power changed; told once.',
  levels: { changed: { severity: 'info', forSeconds: 0 } },
  facts: 'governance',
  readFrom: 'validators of each network',
  samples(facts) {
    const news = validatorsNow(facts, sources).flatMap(({ validator, at }) =>
      changesOf(validator).map(({ what, atMs }): Happened => {
        const { source, address, tokensWei, previousTokensWei } = validator;
        const detail = () => ({
          ...validatorDetail(validator),
          what,
          power: amount(tokensWei, POWER),
          before: previousTokensWei === null ? null : amount(previousTokensWei, POWER),
        });
        const subject = `${what}:${source}:${address}@${atMs}`;
        return { at, atMs, sample: { subject, level: 'changed', detail } };
      }),
    );
    return newsSamples('changes of validators', news, facts);
  },
  text(_kind, incident, facts) {
    const { detail } = incident;
    const many = manyAlert(incident, facts, validatorsButton(detail));
    if (many !== null) return many;
    return validatorAlert(
      {
        headline: HEADLINES[String(detail.what)] ?? 'Validators changed',
        tone: 'info',
        lines: [pointOf(detail), ['Validator: ', { code: String(detail.address) }]],
      },
      detail,
      facts,
    );
  },
});

function changesOf(validator: StoredValidator): { what: string; atMs: number }[] {
  const { atFirst, firstSeenAtMs, goneAtMs, returnedAtMs, powerChangedAtMs } = validator;
  return [
    ...(atFirst ? [] : [{ what: 'joined', atMs: firstSeenAtMs }]),
    ...(goneAtMs === null ? [] : [{ what: 'left', atMs: goneAtMs }]),
    ...(returnedAtMs === null ? [] : [{ what: 'returned', atMs: returnedAtMs }]),
    ...(powerChangedAtMs === null || !isNoticeable(validator) ? [] : [{ what: 'power', atMs: powerChangedAtMs }]),
  ];
}

/** By a whole unit of power, and by a hundredth of what it was: anyone may be able to add a grain of it. */
function isNoticeable({ tokensWei, previousTokensWei }: StoredValidator): boolean {
  if (previousTokensWei === null) return false;
  const change = tokensWei > previousTokensWei ? tokensWei - previousTokensWei : previousTokensWei - tokensWei;
  return tokensWei / POWER_WEI !== previousTokensWei / POWER_WEI && change * 100n >= previousTokensWei;
}

function pointOf({ what, power, before, networkTitle }: Record<string, unknown>): Line {
  const network = String(networkTitle);
  if (what === 'left') return [{ strong: `It is no validator of ${network} any more` }, '.'];
  if (what === 'power') return [{ strong: `Its power is ${String(power)}` }, `, it was ${String(before)}.`];
  const verb = what === 'joined' ? 'joined' : 'is back in';
  return [{ strong: `It ${verb} the validators of ${network}` }, ` with ${String(power)}.`];
}
