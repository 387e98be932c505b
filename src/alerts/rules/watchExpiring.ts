import type { ProofThresholds } from '../../insight/proofLabels.ts';
import { SETTLEMENT_SOURCE } from '../../lib/proofFacts.ts';
import { cleanText, duration } from '../../lib/units.ts';
import type { Line, View } from '../../lib/view.ts';
import type { Incident } from '../incident.ts';
import { delayButton, proofAlert } from '../proofRule.ts';
import type { AlertFacts, Rule, Sample } from '../rule.ts';
import { countedFrom, WATCH_FAMILY, type Watched, watchesIn, watchSample } from '../watchRule.ts';

/**
 * A followed answer whose proof, if it is an individual one, soon can never be settled. A rule of its own beside `watch.late`, for
 * which it speaks: a level of that would change the message without a sound.
 */
export function watchExpiring(thresholds: ProofThresholds): Rule {
  const { individualWarnSeconds, individualExpirySeconds } = thresholds;
  return {
    ...EXPIRY,
    id: 'watch.expiring',
    summary: `A followed answer is not proven after ${duration(individualWarnSeconds)}; after ${duration(individualExpirySeconds)} an individual proof never can be.`,
    levels: { expiring: { severity: 'critical', forSeconds: 0 } },
    clears: 'it is settled, or a day has passed, without a word',
    inhibits: (own, other) => other.rule === 'watch.late' && other.subject === own.subject,
    samples: (facts) => [
      ...unproven(facts, thresholds)
        .filter(({ ageSeconds }) => ageSeconds >= individualWarnSeconds)
        // It stays on while the larger word on it does.
        .map((one) =>
          sampleOf(one, facts, { level: 'expiring', onlyIfOpen: one.ageSeconds > individualExpirySeconds }),
        ),
      ...watchesIn(facts, ['expired'], thresholds).map((one) =>
        sampleOf(one, facts, { level: 'expiring', onlyIfOpen: true }),
      ),
    ],
    text(_kind, incident, facts) {
      const age = ageOf(incident, facts);
      const left = duration(Math.max(0, individualExpirySeconds - age));
      return words(incident, facts, {
        headline: 'Proof about to expire',
        lines: [
          [
            { strong: `Not proven for ${duration(age)}, ${left} before it is too late` },
            `; ${countedFrom(incident.detail)}.`,
          ],
          incident.detail.mode === 'individual'
            ? `The chain takes no individual proof that is older than ${duration(individualExpirySeconds)}.`
            : ifIndividual(individualExpirySeconds),
        ],
      });
    },
  };
}

/** One that cannot be settled any more, if it is an individual one; or that nobody waits for any longer. */
export function watchExpired(thresholds: ProofThresholds): Rule {
  const { individualExpirySeconds } = thresholds;
  return {
    ...EXPIRY,
    id: 'watch.expired',
    summary: `A followed answer is not proven after ${duration(individualExpirySeconds)}: an individual proof never can be any more.`,
    levels: { expired: { severity: 'critical', forSeconds: 0 } },
    clears: 'it is settled after all, or a day has passed, without a word',
    inhibits: (own, other) =>
      (other.rule === 'watch.late' || other.rule === 'watch.expiring') && other.subject === own.subject,
    samples: (facts) =>
      [
        ...unproven(facts, thresholds).filter(({ ageSeconds }) => ageSeconds > individualExpirySeconds),
        ...watchesIn(facts, ['expired'], thresholds),
      ].map((one) => sampleOf(one, facts, { level: 'expired' })),
    text(_kind, incident, facts) {
      const { detail } = incident;
      return words(incident, facts, {
        headline: 'Proof expired',
        lines: [
          [{ strong: `Not proven for ${duration(ageOf(incident, facts))}` }, `; ${countedFrom(detail)}.`],
          detail.mode === 'individual'
            ? `The chain takes no individual proof that is older than ${duration(individualExpirySeconds)}: this one can never be settled.`
            : ifIndividual(individualExpirySeconds),
          ...(detail.reason === '' ? [] : [`${String(detail.reason)}.`]),
          'Ask the same again if you need a proof.',
        ],
      });
    },
  };
}

const EXPIRY = {
  family: WATCH_FAMILY,
  clearSeconds: 0,
  threshold: null,
  dependsOn: [SETTLEMENT_SOURCE],
  facts: 'proofs',
  endsQuietly: true,
} as const satisfies Partial<Rule>;

/** A batch has no such limit; while the mode is not known it may be an individual one. */
const unproven = (facts: AlertFacts, thresholds: ProofThresholds): Watched[] =>
  watchesIn(facts, ['waiting'], thresholds).filter(({ watch }) => watch.mode !== 'batch');

const sampleOf = (one: Watched, facts: AlertFacts, about: Pick<Sample, 'level' | 'onlyIfOpen'>): Sample =>
  watchSample(one, facts, {
    verdict: 'bad',
    ...about,
    detail: { reason: one.watch.state === 'expired' ? cleanText(one.watch.reason, 160) : '' },
  });

const ageOf = ({ detail }: Incident, { chainSeconds }: AlertFacts): number =>
  chainSeconds - Number(detail.sinceSeconds);

const ifIndividual = (expirySeconds: number): string =>
  `If it is an individual one: the chain takes none that is older than ${duration(expirySeconds)}. A batch may still come.`;

const words = (
  { detail }: Incident,
  facts: AlertFacts,
  { headline, lines }: { headline: string; lines: Line[] },
): View =>
  proofAlert(
    {
      headline,
      about: String(detail.label),
      tone: 'down',
      lines: [...lines, [{ code: String(detail.hash) }]],
      actions: [delayButton],
    },
    facts,
  );
