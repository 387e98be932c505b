import type { ProofThresholds } from '../../insight/proofLabels.ts';
import { SETTLEMENT_SOURCE } from '../../lib/proofFacts.ts';
import { duration } from '../../lib/units.ts';
import { delayButton, proofAlert } from '../proofRule.ts';
import type { Rule } from '../rule.ts';
import { countedFrom, modeWords, WATCH_FAMILY, watchesIn, watchSample } from '../watchRule.ts';

/** A followed answer is visible for longer than its proof usually takes. */
export function watchLate(thresholds: ProofThresholds): Rule {
  const { batchSlowSeconds, individualOverdueSeconds } = thresholds;
  return {
    id: 'watch.late',
    family: WATCH_FAMILY,
    summary: `A followed answer is not proven yet: individual after ${duration(individualOverdueSeconds)}, else after ${duration(batchSlowSeconds)}.`,
    levels: { late: { severity: 'warning', forSeconds: 0 } },
    clearSeconds: 0,
    clears: 'it is settled or given up, which is told by itself',
    threshold: null,
    dependsOn: [SETTLEMENT_SOURCE],
    facts: 'proofs',
    endsQuietly: true,
    samples: (facts) => [
      ...watchesIn(facts, ['waiting'], thresholds)
        .filter(({ label }) => label === 'overdue' || label === 'expiring' || label === 'expired')
        .map((one) => watchSample(one, facts, { verdict: 'bad', level: 'late', detail: {} })),
      // It stays on while the larger word on it does.
      ...watchesIn(facts, ['expired'], thresholds).map((one) =>
        watchSample(one, facts, { verdict: 'bad', level: 'late', detail: {}, onlyIfOpen: true }),
      ),
    ],
    text(_kind, { detail }, facts) {
      const age = duration(facts.chainSeconds - Number(detail.sinceSeconds));
      return proofAlert(
        {
          headline: 'Proof late',
          about: String(detail.label),
          tone: 'degraded',
          lines: [
            [{ strong: `Not proven for ${age}` }, `, ${countedFrom(detail)}.`],
            `That is overdue for ${modeWords(detail.mode)}. Whoever acts on the answer now acts on trust. I go on looking, and tell you when it is settled.`,
            [{ code: String(detail.hash) }],
          ],
          actions: [delayButton],
        },
        facts,
      );
    },
  };
}
