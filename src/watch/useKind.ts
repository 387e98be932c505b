import type { Clock } from '../lib/clock.ts';
import type { ModelUse } from '../lib/modelFacts.ts';
import type { EvmClient } from '../sources/evm/client.ts';
import { modelUses, type UseSources } from '../sources/opengradient/modelUses.ts';
import type { Store } from '../store/store.ts';
import { chainMark } from './chainMark.ts';
import type { LogKind } from './logHistory.ts';

/** Uses of models, as `LogHistory` reads them; `sources` is asked whenever reading begins. */
export function useKind(
  client: EvmClient,
  store: Store,
  { chainId, clock, sources }: { chainId: number; clock: Clock; sources: () => UseSources },
): LogKind<ModelUse> {
  const { models } = store;
  const cursorName = `uses:${chainId}`;
  return {
    cursorName,
    async *read(from, to, signal) {
      for await (const { uses, toBlock } of modelUses(client, sources(), from, to, signal))
        yield { events: uses, toBlock };
    },
    save: (uses, cursor) => models.saveUses(uses, cursor, clock.now()),
    rewind: ({ block }) => models.rewindUses(cursorName, block),
    forget: () => models.rewindUses(cursorName, null),
    ...chainMark(store, 'uses', chainId),
  };
}
