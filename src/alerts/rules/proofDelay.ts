import type { ProofThresholds } from '../../insight/proofLabels.ts';
import { PROOF_SOURCE, SETTLEMENT_SOURCE } from '../../lib/proofFacts.ts';
import { duration, plural } from '../../lib/units.ts';
import { lasted } from '../nodeRule.ts';
import { delayButton, PROOF_FAMILY, proofAlert, proofSample } from '../proofRule.ts';
import type { Rule } from '../rule.ts';

const FOR_SECONDS = 1_800;
/** A p90 of fewer is one slow answer. */
const MIN_CASES = 5;
const MAX_THRESHOLD_SECONDS = 7 * 86_400;
const THRESHOLD_STEP_SECONDS = 60;

/** Answers in batches take too long to be proven, for half an hour. */
export function proofDelay({ delayP90Seconds }: ProofThresholds): Rule {
  return {
    id: 'proof.delay',
    family: PROOF_FAMILY,
    summary: `One in ten answers in batches waits longer than ${duration(delayP90Seconds)} for its proof (p90), for half an hour.`,
    levels: { slow: { severity: 'warning', forSeconds: FOR_SECONDS } },
    clearSeconds: 600,
    clears: 'the p90 of half an hour is below it',
    threshold: {
      what: 'p90 of the delay',
      unit: 's',
      default: delayP90Seconds,
      min: delayP90Seconds,
      max: Math.max(MAX_THRESHOLD_SECONDS, delayP90Seconds + THRESHOLD_STEP_SECONDS),
      step: THRESHOLD_STEP_SECONDS,
    },
    dependsOn: [SETTLEMENT_SOURCE, PROOF_SOURCE],
    facts: 'proofs',
    samples(facts) {
      const recent = facts.proofs?.lastHour.find(({ mode }) => mode === 'batch')?.recent ?? null;
      const about = { subject: 'batch-delay', level: 'slow' };
      // None settled of late says nothing about how long it takes; the silence has an alert of its own.
      if (recent === null || recent.count < MIN_CASES)
        return [proofSample(facts, { ...about, verdict: 'unknown', detail: {} })];
      const isSlow = recent.p90 > delayP90Seconds;
      const detail = { label: 'batches', p50: recent.p50, p90: recent.p90, count: recent.count };
      return [proofSample(facts, { ...about, verdict: isSlow ? 'bad' : 'clear', value: recent.p90, detail })];
    },
    text(kind, incident, facts) {
      const { p50, p90, count } = incident.detail;
      const isOver = kind === 'resolved';
      const cases = plural(Number(count), 'answer');
      const now = `p90 ${duration(Number(p90))}, median ${duration(Number(p50))}, of ${cases} settled in half an hour`;
      return proofAlert(
        {
          headline: isOver ? 'Proofs come in time again' : 'Proofs are slow',
          about: '',
          tone: isOver ? 'ok' : 'degraded',
          lines: isOver
            ? [`${now}; over ${duration(lasted(incident))} after the alert.`]
            : [
                [{ strong: `One in ten answers waits over ${duration(Number(p90))} for its proof` }, `: ${now}.`],
                `Told above ${duration(delayP90Seconds)}. The nodes’ clocks may be off by 5 min.`,
              ],
          actions: [delayButton],
        },
        facts,
      );
    },
  };
}
