import { SETTLEMENT_SOURCE, WRONG_STATES } from '../../lib/proofFacts.ts';
import { cleanText, plural, shortHex } from '../../lib/units.ts';
import type { Line } from '../../lib/view.ts';
import { faultSamples, faultSpeaks, isWhole } from '../faultRule.ts';
import type { Incident } from '../incident.ts';
import { checkButton, PROOF_FAMILY, proofAlert, transactionWords } from '../proofRule.ts';
import type { Rule } from '../rule.ts';

const ID = 'proof.root';

const WRONG: Readonly<Record<string, string>> = {
  'root-mismatch': 'The Merkle root on chain is not that of the proof that was published',
  'count-mismatch': 'The proof that was published has another number of answers than the chain says',
  malformed: 'What was published as the proof is none',
};

/** The published proof of a batch is not what was settled on chain. Nothing mends that: it stays open for a day. */
export const proofRoot: Rule = {
  id: ID,
  family: PROOF_FAMILY,
  summary: 'The published proof of a batch does not match what was settled: its root, its count or its form.',
  levels: { wrong: { severity: 'critical', forSeconds: 0 } },
  clearSeconds: 0,
  clears: 'a day has passed, or it verifies, without a word',
  threshold: null,
  dependsOn: [SETTLEMENT_SOURCE],
  facts: 'proofs',
  endsQuietly: true,
  inhibits: faultSpeaks(ID),
  samples(facts) {
    const wrong = (facts.proofs?.faults ?? []).filter(({ state }) => WRONG_STATES.includes(state));
    return faultSamples(facts, wrong, 'wrong', ({ state, reason, blobId, root, txHash }) => ({
      detail: { label: transactionWords(txHash), state, reason: cleanText(reason, 160), blobId, root },
    }));
  },
  text(_kind, { subject, detail }, facts) {
    const isAll = isWhole(subject);
    return proofAlert(
      {
        headline: isAll ? 'Proofs do not match' : 'Proof does not match',
        about: isAll ? plural(Number(detail.count), 'settlement') : String(detail.label),
        tone: 'down',
        lines: isAll ? allLines(detail, 'whose proof does not match') : oneLines(detail),
        actions: checkButton(detail.blobId),
        sources: ['blob storage, checked by this bot'],
      },
      facts,
    );
  },
};

/** What is told of very many at once. */
export function allLines(detail: Incident['detail'], what: string): Line[] {
  const emitters = plural(Number(detail.emitters), 'emitter');
  return [
    [
      { strong: `${plural(Number(detail.count), 'settlement')} ${what} within a day` },
      `, of ${emitters}. Told as one.`,
    ],
    detail.isKnown === true
      ? 'They are of emitters known from the start.'
      : 'They are of emitters that are new: anyone may emit such events unless the operator lists who counts.',
  ];
}

function oneLines({ state, reason, emitter, root, txHash, settledAtSeconds, isKnown }: Incident['detail']): Line[] {
  return [
    [{ strong: WRONG[String(state)] ?? 'It does not match' }, ...(reason === '' ? ['.'] : [`: ${String(reason)}.`])],
    [
      'Settled ',
      { time: Number(settledAtSeconds) },
      ` by ${isKnown === true ? '' : 'a new emitter, '}${shortHex(String(emitter))}.`,
    ],
    'Its answers count as unproven. /proof check shows every step.',
    ['Transaction: ', { code: String(txHash) }],
    ...(typeof root === 'string' ? [['Root: ', { code: root }]] : []),
  ];
}
