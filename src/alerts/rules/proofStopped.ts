import type { ProofThresholds } from '../../insight/proofLabels.ts';
import { REGISTRY_SOURCE } from '../../lib/facts.ts';
import { PROOF_SOURCE, SETTLEMENT_SOURCE } from '../../lib/proofFacts.ts';
import { duration } from '../../lib/units.ts';
import type { Line, View } from '../../lib/view.ts';
import type { Incident } from '../incident.ts';
import { type JudgedNode, lasted, nodeSample, registeredNodes } from '../nodeRule.ts';
import { PROOF_FAMILY, proofAlert } from '../proofRule.ts';
import type { AlertFacts, Rule, Sample } from '../rule.ts';

/** With fewer valid proofs in a week there is no rhythm that could stop. */
const MIN_PROOFS = 20;
const MIN_SILENCE_SECONDS = 7_200;
/** A node that is used by chance is silent for so many of its usual gaps once in 400 gaps. */
const GAPS = 6;
const WEEK_SECONDS = 7 * 86_400;
/**
 * Checks that are further behind than this, with more than so many to do, may hold the proofs that seem to be missing. A few that
 * cannot be read for days are not all of a busy node's.
 */
const MAX_BEHIND_SECONDS = 900;
const MAX_UNCHECKED = 20;

type NodeProofs = NonNullable<AlertFacts['proofs']>['nodes'][number];

/** A node whose answers were proven all week settles no more, while it goes on to beat and others are proven. */
export function proofStopped({ silenceSeconds }: ProofThresholds): Rule {
  return {
    id: 'proof.stopped',
    family: PROOF_FAMILY,
    summary: `No valid proof of a node for ${GAPS} times its usual gap, at least ${duration(MIN_SILENCE_SECONDS)}, while its heartbeats go on.`,
    levels: { stopped: { severity: 'warning', forSeconds: 0 } },
    clearSeconds: 0,
    clears: 'a valid proof of it is settled, or it beats no more',
    threshold: null,
    dependsOn: [REGISTRY_SOURCE, SETTLEMENT_SOURCE, PROOF_SOURCE],
    facts: 'proofs',
    samples(facts) {
      const byNode = new Map(facts.proofs?.nodes.map((one) => [one.nodeId, one]));
      const canTell = canTellFrom(facts, silenceSeconds);
      return registeredNodes(facts).flatMap((node) => {
        const proofs = byNode.get(node.id);
        return proofs === undefined ? [] : [{ ...sampleOf(node, proofs, canTell, facts), onlyIfOpen: false }];
      });
    },
    text: (kind, incident, facts) => (kind === 'resolved' ? over(incident, facts) : stopped(incident, facts)),
  };
}

/** While nobody is proven, or checks are behind, no single node has stopped. */
function canTellFrom({ proofs, chainSeconds }: AlertFacts, silenceSeconds: number): boolean {
  if (proofs === null) return false;
  const { lastBatchAtSeconds, lastIndividualAtSeconds, unchecked } = proofs;
  const newest = Math.max(lastBatchAtSeconds ?? 0, lastIndividualAtSeconds ?? 0);
  const behind = unchecked.oldestAtSeconds === null ? 0 : chainSeconds - unchecked.oldestAtSeconds;
  return chainSeconds - newest <= silenceSeconds && (behind <= MAX_BEHIND_SECONDS || unchecked.count <= MAX_UNCHECKED);
}

function sampleOf(node: JudgedNode, proofs: NodeProofs, canTell: boolean, facts: AlertFacts): Sample {
  const silence = facts.chainSeconds - proofs.lastSettledAtSeconds;
  const limit = Math.max(MIN_SILENCE_SECONDS, (GAPS * WEEK_SECONDS) / Math.max(1, proofs.valid7d));
  const lastAt = proofs.lastSettledAtSeconds;
  if (silence <= Math.min(limit, MIN_SILENCE_SECONDS)) {
    return nodeSample(node, facts, 'clear', { detail: { because: 'proof', lastAt } });
  }
  if (node.health.registration !== 'active' || node.health.heartbeatLevel !== 'fresh') {
    return nodeSample(node, facts, 'clear', { detail: { because: 'no longer beats' } });
  }
  // Its rhythm fades as the week passes over it: what has stopped stays so until a proof comes.
  if (!canTell || silence <= limit || proofs.valid7d < MIN_PROOFS) return nodeSample(node, facts, 'unknown');
  return nodeSample(node, facts, 'bad', {
    level: 'stopped',
    detail: { lastAt, valid7d: proofs.valid7d, limitSeconds: limit },
  });
}

function frame(
  headline: string,
  tone: View['tone'],
  lines: Line[],
  { detail, subject }: Incident,
  facts: AlertFacts,
): View {
  const id = String(detail.id ?? '');
  return proofAlert(
    {
      ...{ headline, tone, lines, about: String(detail.label ?? subject) },
      actions:
        id === ''
          ? []
          : [
              { label: 'Proofs', command: `proof node ${id}`, mode: 'reply' },
              { label: 'Node', command: `node status ${id}`, mode: 'reply' },
            ],
      sources: ['the TEERegistry'],
    },
    facts,
  );
}

function stopped(incident: Incident, facts: AlertFacts): View {
  const { lastAt, valid7d, limitSeconds } = incident.detail;
  return frame(
    'Node’s proofs stopped',
    'degraded',
    [
      [
        { strong: `No valid proof for ${duration(facts.chainSeconds - Number(lastAt))}` },
        ', the last one ',
        { time: Number(lastAt) },
        ', while its heartbeats go on.',
      ],
      `It had ${Number(valid7d)} in 7 days; by that pace more than ${duration(Number(limitSeconds))} is not chance. Others are proven meanwhile.`,
      'Either nobody asks it any more, or its answers no longer reach a settlement.',
    ],
    incident,
    facts,
  );
}

function over(incident: Incident, facts: AlertFacts): View {
  const after = `${duration(lasted(incident))} after the alert`;
  const { because, lastAt } = incident.detail;
  if (because === 'proof') {
    const line: Line = [{ strong: 'A valid proof of it was settled' }, ' ', { time: Number(lastAt) }, `, ${after}.`];
    return frame('Node’s proofs are back', 'ok', [line], incident, facts);
  }
  const why =
    because === 'gone'
      ? 'It had no valid proof for a week, or is not registered any more.'
      : 'It is disabled or sends no heartbeats either, which is an alert of its own.';
  return frame('No longer awaited', 'info', [`${why} No proof came, ${after}.`], incident, facts);
}
