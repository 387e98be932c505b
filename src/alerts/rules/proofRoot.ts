import { WRONG_STATES } from '../../lib/proofFacts.ts';
import { cleanText, plural, shortHex } from '../../lib/units.ts';
import type { Line } from '../../lib/view.ts';
import { allLines, faultRule, faultSamples, isWhole } from '../faultRule.ts';
import type { Incident } from '../incident.ts';
import { checkButton, proofAlert, transactionWords } from '../proofRule.ts';
import type { Rule } from '../rule.ts';

const ID = 'proof.root';

const WRONG: Readonly<Record<string, string>> = {
  'root-mismatch': 'The Merkle root on chain is not that of the proof that was published',
  'count-mismatch': 'The proof that was published has another number of answers than the chain says',
  malformed: 'What was published as the proof is none',
};

/** The published proof of a batch is not what was settled on chain. Nothing mends that: it stays open for a day. */
export const proofRoot: Rule = {
  ...faultRule(ID),
  summary: 'The published proof of a batch does not match what was settled: its root, its count or its form.',
  levels: { wrong: { severity: 'critical', forSeconds: 0 } },
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
