import { duration } from '../../lib/units.ts';
import type { View } from '../../lib/view.ts';
import { GOV_FAMILY, type GovSources, govSample } from '../govRule.ts';
import type { Incident } from '../incident.ts';
import { lasted } from '../nodeRule.ts';
import type { AlertFacts, Rule } from '../rule.ts';
import { NO_VALIDATOR, validatorAlert, validatorDetail, validatorsNow } from '../validatorsNow.ts';

/** A validator is jailed: it signs nothing and its vote has no weight until it is freed. */
export const govJailed = (sources: GovSources): Rule => ({
  id: 'gov.jailed',
  family: GOV_FAMILY,
  summary: 'A validator is jailed, for missing blocks or for signing twice.',
  levels: { jailed: { severity: 'info', forSeconds: 0 } },
  clearSeconds: 0,
  clears: 'it is no longer jailed, or no validator any more',
  threshold: null,
  dependsOn: [],
  facts: 'governance',
  readFrom: 'validators of each network',
  samples: (facts) =>
    validatorsNow(facts, sources).map(({ validator, at }) => {
      const { source, address, jailed, tombstoned, jailedAtMs, jailedUntilSeconds, goneAtMs } = validator;
      const isGone = goneAtMs !== null;
      return govSample(at, {
        subject: `validator:${source}:${address}`,
        verdict: isGone ? 'clear' : at.isFresh ? (jailed ? 'bad' : 'clear') : 'unknown',
        level: 'jailed',
        // One that was jailed when its source was read for the first time is history.
        onlyIfOpen: jailedAtMs === null,
        detail: {
          ...validatorDetail(validator),
          ...(jailed && !isGone ? { tombstoned, jailedUntilSeconds } : { because: isGone ? 'left' : 'freed' }),
        },
      });
    }),
  text: (kind, incident, facts) => (kind === 'resolved' ? over(incident, facts) : jailed(incident, facts)),
});

function jailed({ detail }: Incident, facts: AlertFacts): View {
  const until = Number(detail.jailedUntilSeconds ?? 0);
  return validatorAlert(
    {
      headline: 'Validator jailed',
      tone: 'degraded',
      lines: [
        [
          { strong: 'It signs no blocks, and its vote has no weight' },
          detail.tombstoned === true ? ': it signed twice, and can never come back.' : ' until its operator frees it.',
        ],
        ...(until > 0 && detail.tombstoned !== true ? [['It can be freed from ', { time: until }, ' on.']] : []),
        ['Validator: ', { code: String(detail.address) }],
      ],
    },
    detail,
    facts,
  );
}

function over(incident: Incident, facts: AlertFacts): View {
  const { detail } = incident;
  const isFreed = detail.because === 'freed';
  return validatorAlert(
    {
      headline: isFreed ? 'Validator no longer jailed' : 'Jailed validator gone',
      tone: isFreed ? 'ok' : 'info',
      lines: [isFreed ? `It can sign and vote again, ${duration(lasted(incident))} after the alert.` : NO_VALIDATOR],
    },
    detail,
    facts,
  );
}
