import type { ProofThresholds } from '../../insight/proofLabels.ts';
import { SETTLEMENT_SOURCE } from '../../lib/proofFacts.ts';
import { duration } from '../../lib/units.ts';
import type { Line, View } from '../../lib/view.ts';
import type { Incident } from '../incident.ts';
import { lasted, OLD_NEWS_SECONDS } from '../nodeRule.ts';
import { delayButton, PROOF_FAMILY, proofAlert, proofSample } from '../proofRule.ts';
import type { AlertFacts, Rule } from '../rule.ts';

const MAX_THRESHOLD_SECONDS = 86_400;
const THRESHOLD_STEP_SECONDS = 60;
/** Use that rests for a moment is no end of it; a batch is, at once. */
const IDLE_SECONDS = 900;

const USE: Readonly<Record<string, string>> = { facilitator: 'requests at the facilitator', base: 'payments on Base' };

/** No batch is settled although the network is used; or nobody can say whether it is. */
export function proofSilence({ silenceSeconds }: ProofThresholds): Rule {
  return {
    id: 'proof.silence',
    family: PROOF_FAMILY,
    summary: `No batch was settled for ${duration(silenceSeconds)} while use goes on, or with no sign of it either way.`,
    levels: { 'no-sign': { severity: 'info', forSeconds: 0 }, 'in-use': { severity: 'warning', forSeconds: 0 } },
    clearSeconds: IDLE_SECONDS,
    clears: 'a batch is settled (at once), or use has rested',
    threshold: {
      what: 'time since the last batch',
      unit: 's',
      default: silenceSeconds,
      min: silenceSeconds,
      max: Math.max(MAX_THRESHOLD_SECONDS, silenceSeconds + THRESHOLD_STEP_SECONDS),
      step: THRESHOLD_STEP_SECONDS,
    },
    dependsOn: [SETTLEMENT_SOURCE],
    facts: 'proofs',
    samples(facts) {
      const { proofs, chainSeconds } = facts;
      const lastAt = proofs?.lastBatchAtSeconds ?? null;
      const about = { subject: 'batches', level: 'no-sign' };
      if (proofs === null || lastAt === null) return [proofSample(facts, { ...about, verdict: 'unknown', detail: {} })];
      const age = Math.max(0, chainSeconds - lastAt);
      if (age <= silenceSeconds) {
        return [proofSample(facts, { ...about, verdict: 'clear', final: true, detail: { because: 'batch', lastAt } })];
      }
      const known = proofs.usage.filter(({ rise }) => rise !== null);
      const rising = known.filter(({ rise }) => Number(rise) > 0);
      if (known.length > 0 && rising.length === 0) {
        return [proofSample(facts, { ...about, verdict: 'clear', detail: { because: 'idle', lastAt } })];
      }
      return [
        proofSample(facts, {
          subject: 'batches',
          verdict: 'bad',
          level: rising.length > 0 ? 'in-use' : 'no-sign',
          value: age,
          detail: {
            label: 'batches',
            lastAt,
            ageSeconds: age,
            use: rising.map(({ source, rise }) => ({ source, rise })),
          },
          onlyIfOpen: age > OLD_NEWS_SECONDS,
        }),
      ];
    },
    text: (kind, incident, facts) => (kind === 'resolved' ? over(incident, facts) : silent(incident, facts)),
  };
}

function silent({ level, detail }: Incident, facts: AlertFacts): View {
  const age = Math.max(Number(detail.ageSeconds), facts.chainSeconds - Number(detail.lastAt));
  const use = detail.use as { source: string; rise: number }[];
  const rises = use.map(({ source, rise }) => `${rise} ${USE[source] ?? source}`).join(' and ');
  const isInUse = level === 'in-use';
  const lines: Line[] = [
    [{ strong: `No batch for ${duration(age)}` }, ', the last one ', { time: Number(detail.lastAt) }, '.'],
    isInUse
      ? `The network is used meanwhile: ${rises} in the last 30 min. Those answers are visible and unproven.`
      : 'Whether it is used meanwhile is not known: no sign either way, since neither the facilitator nor Base was read twice in the last 30 min.',
  ];
  return proofAlert(
    {
      headline: isInUse ? 'No proofs while in use' : 'No proofs, no sign of use either way',
      about: '',
      tone: isInUse ? 'degraded' : 'unknown',
      lines,
      actions: [delayButton, { label: 'Exposure', command: 'proof exposure', mode: 'reply' }],
      ...(isInUse ? { sources: use.map(({ source }) => USE[source] ?? source) } : {}),
    },
    facts,
  );
}

function over(incident: Incident, facts: AlertFacts): View {
  const { because, lastAt } = incident.detail;
  const after = `${duration(lasted(incident))} after the alert`;
  const isBatch = because === 'batch';
  return proofAlert(
    {
      headline: isBatch ? 'Batches are settled again' : 'Nothing left to prove',
      about: '',
      tone: isBatch ? 'ok' : 'info',
      lines: [
        isBatch
          ? [{ strong: 'A batch was settled' }, ' ', { time: Number(lastAt) }, `, ${after}.`]
          : `No batch came, and use has rested, ${after}: no more is known to wait. What was used before may still be unproven.`,
      ],
      actions: [delayButton],
    },
    facts,
  );
}
