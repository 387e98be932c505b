import type { CheckedLeaf, LeafVerdict, SettlementEvent, Standing } from '../lib/proofFacts.ts';
import { duration, shortHex } from '../lib/units.ts';
import type { NodesThen } from './nodesThen.ts';
import type { ProofSteps } from './proofSteps.ts';
import { withStanding } from './settlementCheck.ts';

export const SIGNATURES = 'signatures';
const NODE = 'nodes';
const DELAY = 'delay';

/** A leaf of which is not yet said how its node stood. */
export type UnplacedLeaf = Omit<CheckedLeaf, 'standing'>;

/** `atSeconds`: chain time at which the registry was read. */
export type KnownNodes = NodesThen & { atSeconds: number };

interface Judged {
  /** null: of none that is known. */
  settlement: SettlementEvent | null;
  requestHash: string | null;
  nodes: KnownNodes | null;
}

/** Signatures, nodes and delay: of the answer that was asked for, or of all. */
export function judgeLeaves(
  all: readonly UnplacedLeaf[],
  { settlement, requestHash, nodes }: Judged,
  steps: ProofSteps,
): void {
  const count = (verdict: LeafVerdict): number => all.filter((leaf) => leaf.verdict === verdict).length;
  const verdicts = [...new Set(all.map(({ verdict }) => verdict))];
  steps.note({ leaves: Object.fromEntries(verdicts.map((verdict) => [verdict, count(verdict)])) });
  const asked = requestHash === null ? all : all.filter((leaf) => leaf.requestHash === requestHash.toLowerCase());
  const has = (verdict: LeafVerdict): boolean => asked.some((leaf) => leaf.verdict === verdict);
  const summary = `${count('valid')} valid of ${all.length}`;
  const words =
    requestHash === null ? summary : `that of this answer is ${asked[0]?.verdict ?? 'not there'}; ${summary}`;
  // What the registry had not said by then, it may say now.
  const isOld = nodes === null || (settlement !== null && nodes.atSeconds < settlement.blockTimestampSeconds);
  if (asked.length === 0 || has('bad-signature') || has('unsigned')) steps.done(SIGNATURES, 'fails', words);
  else if (isOld || has('no-key')) {
    const isChecked = asked.every(({ verdict }) => verdict === 'valid');
    steps.done(SIGNATURES, isChecked ? 'holds' : 'could not ask', isChecked ? words : `${words}; keys are missing`);
  } else steps.done(SIGNATURES, has('unknown-node') ? 'fails' : 'holds', words);
  if (nodes === null) steps.done(NODE, 'could not ask', 'the registry has not been read yet');
  else judgeNodes(asked, nodes, isOld, steps);
  if (settlement !== null)
    tellDelay(asked, settlement, requestHash !== null || settlement.kind === 'individual', steps);
}

const STANDING_WORDS: Record<Exclude<Standing, 'fine'>, string> = {
  'not-registered': 'was not registered',
  disabled: 'was disabled',
  'pcr-not-approved': 'ran a measurement that was not approved',
  'not-known': 'stood in a way that is not known',
};

function judgeNodes(leaves: readonly UnplacedLeaf[], nodes: KnownNodes, isOld: boolean, steps: ProofSteps): void {
  // An answer without a signature names no node.
  const signed = leaves.filter(({ verdict }) => verdict !== 'unsigned').map((leaf) => withStanding(leaf, nodes));
  const isOpen = ({ standing }: CheckedLeaf): boolean =>
    standing === 'not-known' || (standing === 'not-registered' && isOld);
  const odd = signed.filter(({ standing }) => standing !== 'fine');
  const shown = odd.find((leaf) => !isOpen(leaf)) ?? odd[0];
  if (signed.length === 0) steps.done(NODE, 'not needed', 'no answer is signed');
  else if (shown === undefined || shown.standing === 'fine') {
    const teeIds = new Set(signed.map(({ teeId }) => teeId));
    const who = teeIds.size === 1 ? `node ${shortHex([...teeIds][0] as string)} was` : `all ${teeIds.size} nodes were`;
    steps.done(NODE, 'holds', `${who} registered, enabled and approved then`);
  } else {
    const words = `node ${shortHex(shown.teeId)} ${STANDING_WORDS[shown.standing]} when it signed`;
    steps.done(NODE, isOpen(shown) ? 'could not ask' : 'fails', words);
  }
}

function tellDelay(
  leaves: readonly UnplacedLeaf[],
  { blockTimestampSeconds }: SettlementEvent,
  isOne: boolean,
  steps: ProofSteps,
): void {
  const delays = leaves
    .filter(({ verdict }) => verdict === 'valid')
    .map(({ signedAtSeconds }) => Math.max(0, blockTimestampSeconds - signedAtSeconds));
  const [first] = delays;
  if (first === undefined) {
    steps.done(DELAY, 'not needed', 'no valid answer whose time could be believed');
    return;
  }
  if (isOne) steps.note({ delaySeconds: first });
  const range = `${duration(Math.min(...delays))} to ${duration(Math.max(...delays))}`;
  const words = delays.length === 1 || isOne ? duration(first) : range;
  steps.done(DELAY, 'holds', `${words} from signed to settled; the node’s clock may differ by 5 min`);
}
