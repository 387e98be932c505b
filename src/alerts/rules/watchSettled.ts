import { type ProofLabel, type ProofThresholds, proofLabel } from '../../insight/proofLabels.ts';
import { SETTLEMENT_SOURCE } from '../../lib/proofFacts.ts';
import { cleanText, duration } from '../../lib/units.ts';
import { delayButton, proofAlert } from '../proofRule.ts';
import type { Rule } from '../rule.ts';
import { modeWords, WATCH_FAMILY, watchesIn, watchSample } from '../watchRule.ts';

const LABELS: Readonly<Record<ProofLabel, string>> = {
  normal: 'normal',
  slow: 'slow',
  overdue: 'overdue',
  expiring: 'overdue',
  expired: 'overdue',
};

/** A followed answer is proven. The one word on its end, whether it was told as late before or not. */
export function watchSettled(thresholds: ProofThresholds): Rule {
  return {
    id: 'watch.settled',
    family: WATCH_FAMILY,
    summary: 'A followed answer is proven; told once, with how long it took.',
    levels: { proven: { severity: 'info', forSeconds: 0 } },
    clearSeconds: 0,
    clears: 'a day has passed, without a word',
    threshold: null,
    dependsOn: [SETTLEMENT_SOURCE],
    facts: 'proofs',
    isNews: true,
    samples: (facts) =>
      watchesIn(facts, ['settled'], thresholds).map((one) => {
        const { delaySeconds, mode } = one.watch;
        const label = delaySeconds === null ? null : LABELS[proofLabel(mode, delaySeconds, true, thresholds)];
        return watchSample(one, facts, {
          verdict: 'bad',
          level: 'proven',
          detail: { delaySeconds, delayLabel: label, reason: cleanText(one.watch.reason, 160) },
        });
      }),
    text(_kind, { detail }, facts) {
      const { delaySeconds, delayLabel, reason } = detail;
      const isKnown = typeof delaySeconds === 'number';
      // Older incidents do not say.
      const isOpen = typeof reason === 'string' && reason !== '';
      const word = isOpen ? 'Settled' : 'Proven';
      const holds = isOpen ? `${String(reason)}.` : 'The signature is valid.';
      return proofAlert(
        {
          headline: isKnown ? `${word} after ${duration(delaySeconds)}` : word,
          about: String(detail.label),
          tone: isOpen ? 'unknown' : 'ok',
          lines: [
            isKnown
              ? [
                  { strong: `${word} ${duration(delaySeconds)} after it was signed` },
                  `: ${String(delayLabel)} for ${modeWords(detail.mode)}. ${holds}`,
                ]
              : [{ strong: word }, `: how long it took is not known. ${holds}`],
            [{ code: String(detail.hash) }],
          ],
          actions: [delayButton],
        },
        facts,
      );
    },
  };
}
