import { currentStatus } from '../insight/currentStatus.ts';
import type { SourceStatus } from '../lib/facts.ts';
import { PROOF_SOURCE, SETTLEMENT_SOURCE, settlementCursor } from '../lib/proofFacts.ts';
import { duration, plural } from '../lib/units.ts';
import type { Field } from '../lib/view.ts';
import type { BotContext } from './context.ts';
import type { NetworkFacts } from './networkFacts.ts';
import { sourceName, sourcesOf } from './sourceNames.ts';

/** By source: how far it is behind, in words. */
export type Lags = ReadonlyMap<string, string>;

export async function readLags({ store, clock }: BotContext, { facts }: NetworkFacts): Promise<Lags> {
  const { chainId, block } = facts.registry;
  const [cursor, proofs] = await Promise.all([
    store.nodes.cursor(settlementCursor(chainId)),
    store.proofs.facts(clock.now(), block.timestampSeconds),
  ]);
  const behind = cursor === null ? null : Math.max(0, Number(block.number - cursor.block.number));
  const { count, oldestAtSeconds } = proofs?.unchecked ?? { count: 0, oldestAtSeconds: null };
  const oldest =
    oldestAtSeconds === null ? '' : `, the oldest settled ${duration(block.timestampSeconds - oldestAtSeconds)} ago`;
  return new Map([
    ...(behind === null ? [] : [[SETTLEMENT_SOURCE, `${plural(behind, 'block')} behind`] as const]),
    ...(proofs === null ? [] : [[PROOF_SOURCE, `${count} unchecked${oldest}`] as const]),
  ]);
}

/** Every source with its state and lag; those that are not configured together, last. */
export function sourceFields(
  { configured, governance }: Pick<BotContext, 'configured' | 'governance'>,
  statuses: readonly SourceStatus[],
  lags: Lags,
  nowMs: number,
): Field[] {
  const { on, off } = sourcesOf(configured);
  const statusOf = new Map(statuses.map((status) => [status.source, currentStatus(status, nowMs)]));
  const origins = governance.flatMap((network) => network.origins.map(({ source }) => source));
  const listed = [...new Set([...on, ...origins])];
  const others = [...statusOf.keys()].filter((source) => !listed.includes(source) && !off.includes(source));
  return [
    ...[...listed, ...others].map((source) => {
      const words = stateWords(statusOf.get(source) ?? null, nowMs);
      const lag = lags.get(source);
      return { name: sourceName(source, governance), value: lag === undefined ? words : `${words}; ${lag}` };
    }),
    ...(off.length === 0
      ? []
      : [{ name: 'Not configured', value: off.map((source) => sourceName(source)).join(', ') }]),
  ];
}

/** null: configured, and nobody asked it yet. */
function stateWords(status: SourceStatus | null, nowMs: number): string {
  if (status === null) return 'not asked yet';
  const { state, lastSuccessAtMs, failingSinceMs, shortError } = status;
  if (state === 'fresh') {
    const read = lastSuccessAtMs === null ? '' : `, read ${duration((nowMs - lastSuccessAtMs) / 1000)} ago`;
    return `fresh${read}${shortError === null ? '' : `; ${shortError}`}`;
  }
  const since = failingSinceMs === null ? '' : ` for ${duration((nowMs - failingSinceMs) / 1000)}`;
  return `${state}${since}: ${shortError ?? 'no answer yet'}`;
}
