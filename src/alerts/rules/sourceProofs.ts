import { FACILITATOR_SOURCE, PAYMENT_SOURCE, PROOF_SOURCE, SETTLEMENT_SOURCE } from '../../lib/proofFacts.ts';
import { PROOF_FAMILY } from '../proofRule.ts';
import type { Rule } from '../rule.ts';
import { type NoticedSource, sourceRule } from '../sourceRule.ts';

const SOURCES: readonly NoticedSource[] = [
  {
    source: SETTLEMENT_SOURCE,
    name: 'settlements',
    severity: 'warning',
    meaning:
      'Whether answers are proven meanwhile is unknown: this says nothing about the proofs. Proof alerts rest until it can be read again.',
  },
  {
    source: PROOF_SOURCE,
    name: 'the proofs of batches',
    severity: 'info',
    meaning: 'What is settled is seen and not checked: unknown, not wrong. It is checked when storage answers again.',
  },
  {
    source: FACILITATOR_SOURCE,
    name: 'the facilitator’s usage',
    severity: 'info',
    meaning: 'How much of the use is never proven cannot be estimated meanwhile.',
  },
  {
    source: PAYMENT_SOURCE,
    name: 'payments on Base',
    severity: 'info',
    meaning: 'Whether answers are paid for meanwhile is unknown.',
  },
];

/** The sources that proofs and use are read from. `isAsked`: whether the operator configured it. */
export const sourceProofs = (noticeAfterMs: number, isAsked: (source: string) => boolean): Rule =>
  sourceRule({
    id: 'source.proofs',
    family: PROOF_FAMILY,
    summary: 'Settlements, their proofs, the facilitator or payments cannot be read; alerts from it rest.',
    sources: SOURCES,
    isAsked,
    noticeAfterMs,
  });
