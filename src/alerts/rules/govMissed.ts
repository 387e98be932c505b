import type { GovThresholds } from '../../insight/govThresholds.ts';
import { missedAllowed } from '../../insight/missedAllowed.ts';
import { duration, plural } from '../../lib/units.ts';
import type { View } from '../../lib/view.ts';
import type { StoredValidator } from '../../store/governanceRepository.ts';
import { GOV_FAMILY, type GovSources, govSample } from '../govRule.ts';
import type { Incident } from '../incident.ts';
import { lasted } from '../nodeRule.ts';
import type { AlertFacts, Rule, Sample } from '../rule.ts';
import { NO_VALIDATOR, validatorAlert, validatorDetail, validatorsNow } from '../validatorsNow.ts';

const LEVELS = ['some', 'half', 'most'] as const;
/** What a network has when it is looked at for the first time is told when it has lasted so long. */
const FIRST_LOOK_MS = 3_600_000;

/** A validator misses blocks, in bands of what it may miss before it is jailed. */
export const govMissed = ({ missedPercents }: GovThresholds, sources: GovSources): Rule => ({
  id: 'gov.missed',
  family: GOV_FAMILY,
  summary: `A validator missed over ${missedPercents.join(' %, ')} % of the blocks that it may miss before it is jailed.`,
  levels: Object.fromEntries(LEVELS.map((level) => [level, { severity: 'info', forSeconds: 0 }])),
  clearSeconds: 600,
  clears: 'it has signed again for long enough, is jailed, or is no validator any more',
  threshold: null,
  dependsOn: [],
  facts: 'governance',
  readFrom: 'validators of each network',
  endsQuietly: ({ detail }) => detail.because === 'jailed',
  samples: (facts) =>
    validatorsNow(facts, sources).map(({ validator, at }) => {
      const { source, address, atFirst, firstSeenAtMs } = validator;
      const judged = judge(validator, missedPercents);
      return govSample(at, {
        subject: `validator:${source}:${address}`,
        ...judged,
        verdict: at.isFresh || validator.goneAtMs !== null ? judged.verdict : 'unknown',
        onlyIfOpen: atFirst && facts.nowMs - firstSeenAtMs < FIRST_LOOK_MS,
        detail: { ...validatorDetail(validator), ...judged.detail },
      });
    }),
  text: (kind, incident, facts) => (kind === 'resolved' ? over(incident, facts) : missed(incident, facts)),
});

function judge(
  validator: StoredValidator,
  percents: GovThresholds['missedPercents'],
): Pick<Sample, 'verdict' | 'level' | 'detail' | 'final'> {
  const { jailed, goneAtMs, missedBlocks, windowBlocks, status } = validator;
  const say = (verdict: Sample['verdict'], detail: Sample['detail'], level = LEVELS[0] as string) => ({
    ...{ verdict, level, detail },
    ...(detail.because === undefined || detail.because === 'signs' ? {} : { final: true }),
  });
  if (goneAtMs !== null) return say('clear', { because: 'left' });
  // Its record starts anew then, and another alert tells it.
  if (jailed) return say('clear', { because: 'jailed' });
  const allowed = missedAllowed(validator);
  if (status !== 'bonded' || missedBlocks === null || allowed === null || allowed <= 0) return say('unknown', {});
  const detail = { missed: missedBlocks, allowed, window: windowBlocks };
  const bands = percents.filter((percent) => missedBlocks * 100 > allowed * percent).length;
  if (bands > 0) return say('bad', detail, LEVELS[bands - 1]);
  // Not at every block that is missed and forgotten again.
  const isCalm = missedBlocks * 100 <= allowed * (percents[0] - 5);
  return isCalm ? say('clear', { ...detail, because: 'signs' }) : say('unknown', detail);
}

function missed({ detail, level }: Incident, facts: AlertFacts): View {
  const [count, allowed] = [Number(detail.missed), Number(detail.allowed)];
  return validatorAlert(
    {
      headline: level === 'most' ? 'Validator close to being jailed' : 'Validator misses blocks',
      tone: level === 'some' ? 'info' : 'degraded',
      lines: [
        [
          { strong: `${plural(count, 'block')} missed of the last ${String(detail.window)}` },
          `: ${Math.floor((count * 100) / allowed)} % of the ${allowed} that it may miss before it is jailed.`,
        ],
        ['Validator: ', { code: String(detail.address) }],
      ],
    },
    detail,
    facts,
  );
}

function over(incident: Incident, facts: AlertFacts): View {
  const { detail } = incident;
  const signs = detail.because === 'signs';
  return validatorAlert(
    {
      headline: signs ? 'Validator signs again' : 'Validator that missed blocks is gone',
      tone: signs ? 'ok' : 'info',
      lines: [
        signs
          ? `${plural(Number(detail.missed), 'block')} missed of the last ${String(detail.window)} now, ${duration(lasted(incident))} after the alert.`
          : NO_VALIDATOR,
      ],
    },
    detail,
    facts,
  );
}
