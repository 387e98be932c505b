import type { ProofMode } from '../lib/proofFacts.ts';
import { type DayRequests, knownTime, type UnsettledShare, unsettledShare, type Window } from './sharedDays.ts';

/** Below this many answers in the previous window growth says nothing. */
const MIN_PREVIOUS = 20;

export interface UsageRow {
  hour: number;
  /** 0: the network; -1: of no known node. */
  nodeId: number;
  mode: ProofMode;
  settled: number;
  valid: number;
}

/** Anyone may settle what nobody answered: only what a node signed is use. */
const counted = <Row extends UsageRow>(rows: readonly Row[]): Row[] =>
  rows.map((row) => ({ ...row, settled: Math.min(row.settled, row.valid) }));

export interface UsageInput {
  /** Hours of the network (nodeId 0) of the window, and of as long before it. */
  current: readonly UsageRow[];
  previous: readonly UsageRow[];
  /** Sums of the window by node and mode. */
  nodes: readonly UsageRow[];
  kinds: readonly { kind: string; events: number; answers: number; refused: number }[];
  usageDays: readonly DayRequests[];
  window: Window;
}

export interface Usage {
  /** Valid answers settled, each once; null when nothing of the window is known. */
  settled: number | null;
  /** Settled besides, without a valid signature of a known node. */
  notValid: number;
  byMode: Record<ProofMode, number>;
  /** Valid ones, the busiest first; nodeId -1: of no known node. Share of all, 0..1. */
  byNode: { nodeId: number; settled: number; share: number }[];
  /** Settled now / settled before - 1; null with the reason. */
  growth: number | null;
  growthReason: string;
  previousSettled: number | null;
  /** An estimate: what the facilitator counted and nobody settled. */
  privateShare: UnsettledShare;
  /** Older event forms: counted apart, not checked. */
  older: { kind: string; events: number; answers: number }[];
}

/** Pure; the order of rows does not matter. */
export function usageOf(input: UsageInput): Usage {
  const { kinds, usageDays, window } = input;
  const [current, previous, nodes] = [counted(input.current), counted(input.previous), counted(input.nodes)];
  const known = knownTime(current, window);
  const total = settledOf(current);
  const settled = known === null ? null : total;
  return {
    settled,
    notValid: settledOf(input.current) - total,
    byMode: {
      batch: settledOf(current.filter(({ mode }) => mode === 'batch')),
      individual: settledOf(current.filter(({ mode }) => mode === 'individual')),
    },
    byNode: byNode(nodes),
    ...growthOf(settled, settledOf(previous), window),
    privateShare: unsettledShare(current, usageDays, window),
    older: kinds
      .filter(({ kind }) => kind.startsWith('old-'))
      .map(({ kind, events, answers }) => ({ kind, events, answers })),
  };
}

const settledOf = (rows: readonly UsageRow[]): number => rows.reduce((sum, { settled }) => sum + settled, 0);

function byNode(rows: readonly UsageRow[]): Usage['byNode'] {
  const known = rows.filter(({ nodeId }) => nodeId !== 0);
  const all = settledOf(known);
  return [...Map.groupBy(known, ({ nodeId }) => nodeId)]
    .map(([nodeId, own]) => {
      const settled = settledOf(own);
      return { nodeId, settled, share: all === 0 ? 0 : settled / all };
    })
    .filter(({ settled }) => settled > 0)
    .sort((a, b) => b.settled - a.settled || a.nodeId - b.nodeId);
}

/** Against as long a time before the window, all of which must be known. */
function growthOf(
  settled: number | null,
  before: number,
  { fromSeconds, toSeconds, knownFromSeconds }: Window,
): Pick<Usage, 'growth' | 'growthReason' | 'previousSettled'> {
  const covered = knownFromSeconds !== null && knownFromSeconds <= fromSeconds - (toSeconds - fromSeconds);
  const unknown = (growthReason: string) => ({ growth: null, growthReason, previousSettled: covered ? before : null });
  if (settled === null) return unknown('nothing of this time is known');
  if (!covered) return unknown('the time before it is not known in full');
  if (before < MIN_PREVIOUS) return unknown(`fewer than ${MIN_PREVIOUS} answers in the time before it`);
  return { growth: settled / before - 1, growthReason: '', previousSettled: before };
}
