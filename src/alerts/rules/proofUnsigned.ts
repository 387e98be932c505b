import type { ProofThresholds } from '../../insight/proofLabels.ts';
import { PROOF_SOURCE, SETTLEMENT_SOURCE } from '../../lib/proofFacts.ts';
import { duration, percent } from '../../lib/units.ts';
import { lasted } from '../nodeRule.ts';
import { PROOF_FAMILY, proofAlert, proofSample } from '../proofRule.ts';
import type { AlertFacts, Rule } from '../rule.ts';

/** Of fewer answers a share says nothing. */
const MIN_ANSWERS = 20;

/** Too many answers are settled without a signature, which proves nothing of them. */
export function proofUnsigned({ unsignedShare }: ProofThresholds): Rule {
  return {
    id: 'proof.unsigned',
    family: PROOF_FAMILY,
    summary: `More than ${percent(unsignedShare)} of the answers settled within an hour (${MIN_ANSWERS} or more) have no signature.`,
    levels: { unsigned: { severity: 'warning', forSeconds: 0 } },
    clearSeconds: 600,
    clears: 'the share is lower, or there are too few to tell',
    threshold: null,
    dependsOn: [SETTLEMENT_SOURCE, PROOF_SOURCE],
    facts: 'proofs',
    samples(facts) {
      const { unsigned, total } = sumsOf(facts);
      const isMany = total >= MIN_ANSWERS && unsigned / total > unsignedShare;
      const detail = { label: 'answers', unsigned, total, because: total < MIN_ANSWERS ? 'few' : 'share' };
      return [
        proofSample(facts, { subject: 'unsigned', verdict: isMany ? 'bad' : 'clear', level: 'unsigned', detail }),
      ];
    },
    text(kind, incident, facts) {
      const { unsigned, total, because } = incident.detail;
      const counts = `${Number(unsigned)} of ${Number(total)} answers settled in an hour`;
      const share = percent(Number(total) === 0 ? 0 : Number(unsigned) / Number(total));
      const after = `${duration(lasted(incident))} after the alert`;
      const isOver = kind === 'resolved';
      const end =
        because === 'few'
          ? `Too few answers to tell now (${Number(total)} in an hour), ${after}.`
          : `${counts} (${share}), ${after}.`;
      return proofAlert(
        {
          headline: isOver ? 'No longer many unsigned answers' : 'Many unsigned answers',
          about: '',
          tone: isOver ? (because === 'few' ? 'info' : 'ok') : 'degraded',
          lines: isOver
            ? [end]
            : [
                [{ strong: `${share} without a signature` }, `: ${counts}. Told above ${percent(unsignedShare)}.`],
                'Such an answer is in a batch and proves nothing: no node has signed it.',
              ],
          actions: [{ label: 'Usage', command: 'usage', mode: 'reply' }],
        },
        facts,
      );
    },
  };
}

function sumsOf({ proofs }: AlertFacts): { unsigned: number; total: number } {
  const rows = proofs?.lastHour ?? [];
  const unsigned = rows.reduce((sum, row) => sum + row.unsigned, 0);
  const total = rows.reduce((sum, row) => sum + Math.max(row.settled, row.unsigned + row.badSignature), 0);
  return { unsigned, total };
}
