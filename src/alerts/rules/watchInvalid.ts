import type { ProofThresholds } from '../../insight/proofLabels.ts';
import { SETTLEMENT_SOURCE } from '../../lib/proofFacts.ts';
import { cleanText } from '../../lib/units.ts';
import { proofAlert } from '../proofRule.ts';
import type { Rule } from '../rule.ts';
import { WATCH_FAMILY, watchesIn, watchSample } from '../watchRule.ts';

/** A followed answer was settled and does not prove it, or its transaction was reverted. */
export function watchInvalid(thresholds: ProofThresholds): Rule {
  return {
    id: 'watch.invalid',
    family: WATCH_FAMILY,
    summary: 'A followed answer was settled with a proof that does not hold, or its transaction was reverted.',
    levels: { failed: { severity: 'critical', forSeconds: 0 }, invalid: { severity: 'critical', forSeconds: 0 } },
    clearSeconds: 0,
    clears: 'a day has passed, without a word',
    threshold: null,
    dependsOn: [SETTLEMENT_SOURCE],
    facts: 'proofs',
    endsQuietly: true,
    samples: (facts) =>
      watchesIn(facts, ['invalid', 'failed'], thresholds).map((one) =>
        watchSample(one, facts, {
          verdict: 'bad',
          level: one.watch.state === 'failed' ? 'failed' : 'invalid',
          detail: { reason: cleanText(one.watch.reason, 160) },
        }),
      ),
    text(_kind, { level, detail }, facts) {
      const isFailed = level === 'failed';
      const reason = detail.reason === '' ? '' : `: ${String(detail.reason)}`;
      return proofAlert(
        {
          headline: isFailed ? 'Settlement reverted' : 'Proof does not hold',
          about: String(detail.label),
          tone: 'down',
          lines: [
            [
              { strong: isFailed ? 'The transaction was reverted' : 'It was settled, and the proof does not hold' },
              `${reason}.`,
            ],
            isFailed
              ? 'It proves nothing; another transaction may still settle the answer.'
              : 'Do not rely on this answer unless a valid proof follows, which is told here: anyone may settle a forged copy. /proof check shows every step.',
            [{ code: String(detail.hash) }],
          ],
        },
        facts,
      );
    },
  };
}
