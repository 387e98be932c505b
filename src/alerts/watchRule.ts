import { type ProofLabel, type ProofThresholds, proofLabel } from '../insight/proofLabels.ts';
import { shortHex } from '../lib/units.ts';
import type { StoredProofWatch } from '../store/proofRepository.ts';
import { proofSample } from './proofRule.ts';
import type { AlertFacts, Sample } from './rule.ts';

/** Rules of this family speak to the chat that follows the answer, and to no other. */
export const WATCH_FAMILY = 'watch';

/** A followed answer with how long it has been visible and unproven, by the chain's clock. */
export interface Watched {
  watch: StoredProofWatch;
  ageSeconds: number;
  /** While it waits: how that age is to be called. */
  label: ProofLabel;
}

/** Those of one state or several. */
export function watchesIn(
  { proofs, chainSeconds }: AlertFacts,
  states: readonly StoredProofWatch['state'][],
  thresholds: ProofThresholds,
): Watched[] {
  return (proofs?.watches ?? [])
    .filter(({ state }) => states.includes(state))
    .map((watch) => {
      const ageSeconds = Math.max(0, chainSeconds - (watch.signedAtSeconds ?? watch.createdAtSeconds));
      return { watch, ageSeconds, label: proofLabel(watch.mode, ageSeconds, false, thresholds) };
    });
}

export const watchSample = (
  { watch: { id, kind, hash, signedAtSeconds, createdAtSeconds, mode } }: Watched,
  facts: AlertFacts,
  { detail, ...more }: Pick<Sample, 'verdict' | 'level' | 'detail'> & Partial<Sample>,
): Sample =>
  proofSample(facts, {
    subject: `watch:${id}`,
    topics: [`watch:${id}`],
    ...more,
    detail: {
      label: `${kind === 'tx' ? 'transaction' : 'request'} ${shortHex(hash)}`,
      ...{ hash, mode, sinceSeconds: signedAtSeconds ?? createdAtSeconds, isSignedKnown: signedAtSeconds !== null },
      ...detail,
    },
  });

/** `a batch proof`; of an unknown mode `a proof of either kind`: it is judged as a batch, the more patient one. */
export const modeWords = (mode: unknown): string =>
  mode === 'batch' || mode === 'individual'
    ? `${mode === 'batch' ? 'a batch' : 'an individual'} proof`
    : 'a proof of either kind';

/** Since when it is counted. */
export const countedFrom = ({ isSignedKnown }: Record<string, unknown>): string =>
  isSignedKnown === true
    ? 'counted from when it was signed, as you said'
    : 'counted from when you asked, since when it was signed is not known';
