import { nodeLabel } from '../../insight/nodeLabel.ts';
import { WRONG_STATES } from '../../lib/proofFacts.ts';
import { plural, shortHex } from '../../lib/units.ts';
import type { Line } from '../../lib/view.ts';
import { allLines, type Fault, faultRule, faultSamples, isWhole } from '../faultRule.ts';
import type { Incident } from '../incident.ts';
import { checkButton, proofAlert, transactionWords } from '../proofRule.ts';
import type { AlertFacts, Rule } from '../rule.ts';

const ID = 'proof.signature';

/** Answers whose signature is not that of the node they name. Nothing mends that: it stays open for a day. */
export const proofSignature: Rule = {
  ...faultRule(ID),
  summary: 'A settlement has answers whose signature is not that of the node they name.',
  levels: { forged: { severity: 'critical', forSeconds: 0 } },
  samples(facts) {
    const bad = (facts.proofs?.faults ?? []).filter(
      ({ state, counts }) => !WRONG_STATES.includes(state) && counts['bad-signature'] > 0,
    );
    const nodes = nodesByTeeId(facts);
    return faultSamples(facts, bad, 'forged', (fault) => describe(fault, nodes));
  },
  text(_kind, { subject, detail }, facts) {
    const isAll = isWhole(subject);
    return proofAlert(
      {
        headline: isAll ? 'Bad signatures' : 'Bad signature',
        about: isAll ? plural(Number(detail.count), 'settlement') : String(detail.label),
        tone: 'down',
        lines: isAll ? allLines(detail, 'with bad signatures') : oneLines(detail),
        actions: checkButton(detail.blobId),
        sources: ['signatures, checked by this bot with the registered keys'],
      },
      facts,
    );
  },
};

type Nodes = ReadonlyMap<string, AlertFacts['nodes'][number]>;

const nodesByTeeId = ({ nodes }: AlertFacts): Nodes =>
  new Map(nodes.flatMap((node) => node.records.map(({ teeId }) => [teeId.toLowerCase(), node] as const)));

/** Only an individual settlement names one node; the leaves of a batch are of many. */
function describe({ counts, answer, blobId, txHash }: Fault, nodes: Nodes) {
  const node = answer === null ? undefined : nodes.get(answer.teeId.toLowerCase());
  return {
    nodeId: node?.id ?? null,
    owner: node?.health.current?.owner.toLowerCase() ?? null,
    detail: {
      label: node === undefined ? transactionWords(txHash) : nodeLabel(node),
      ...{
        bad: counts['bad-signature'],
        valid: counts.valid,
        blobId,
        node: node === undefined ? null : nodeLabel(node),
      },
    },
  };
}

function oneLines({ bad, valid, node, emitter, txHash, settledAtSeconds, isKnown }: Incident['detail']): Line[] {
  const named = node === null ? 'the node that each names' : String(node);
  return [
    [
      { strong: `${plural(Number(bad), 'answer')} not signed by ${named}` },
      `${Number(valid) > 0 ? `; ${Number(valid)} others in it are valid` : ''}.`,
    ],
    [
      'Settled ',
      { time: Number(settledAtSeconds) },
      ` by ${isKnown === true ? '' : 'a new emitter, '}${shortHex(String(emitter))}.`,
    ],
    'Either the answer was changed, or whoever settled it made it up: this alone does not accuse the node.',
    ['Transaction: ', { code: String(txHash) }],
  ];
}
