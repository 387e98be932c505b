import type { Clock } from '../lib/clock.ts';
import { type SettlementEvent, settlementCursor } from '../lib/proofFacts.ts';
import type { EvmClient } from '../sources/evm/client.ts';
import { settlementLogs } from '../sources/opengradient/settlementLogs.ts';
import type { Store } from '../store/store.ts';
import { chainMark } from './chainMark.ts';
import type { LogKind } from './logHistory.ts';

/** Settlements, whoever emitted them, as `LogHistory` reads them. */
export function settlementKind(
  client: EvmClient,
  store: Store,
  { chainId, clock }: { chainId: number; clock: Clock },
): LogKind<SettlementEvent> {
  const cursorName = settlementCursor(chainId);
  return {
    cursorName,
    read: (from, to, signal) => settlementLogs(client, from, to, signal),
    save: (events, cursor, isFirstRead) => store.proofs.saveEvents(events, cursor, { nowMs: clock.now(), isFirstRead }),
    rewind: ({ block }) => store.proofs.rewind(cursorName, block),
    forget: () => store.proofs.rewind(cursorName, null),
    ...chainMark(store, 'settlements', chainId),
  };
}
