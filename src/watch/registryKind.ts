import type { Hex, RegistryEvent } from '../lib/facts.ts';
import type { EvmClient } from '../sources/evm/client.ts';
import { registryLogs } from '../sources/opengradient/registryLogs.ts';
import type { Store } from '../store/store.ts';
import type { LogKind } from './logHistory.ts';

/** Heartbeats cannot be folded into activity before the first full read said how long one counts. */
const DEFAULT_HEARTBEAT_MAX_AGE_SECONDS = 1_800;

export const registryCursor = ({ registry, chainId }: { registry: Hex; chainId: number }): string =>
  `registry:${chainId}:${registry.toLowerCase()}`;

/** The registry's logs, as `LogHistory` reads them. */
export function registryKind(
  client: EvmClient,
  store: Store,
  { registry, chainId }: { registry: Hex; chainId: number },
): LogKind<RegistryEvent> {
  const { nodes } = store;
  const cursorName = registryCursor({ registry, chainId });
  const heartbeatMaxAge = async (): Promise<number> =>
    (await nodes.facts())?.registry.heartbeatMaxAgeSeconds ?? DEFAULT_HEARTBEAT_MAX_AGE_SECONDS;
  return {
    cursorName,
    read: (from, to, signal) => registryLogs(client, registry, from, to, signal),
    save: async (events, cursor) => await nodes.saveEvents(registry, events, cursor, await heartbeatMaxAge()),
    rewind: async (cursor) => await nodes.rewind(registry, cursor, await heartbeatMaxAge()),
    forget: (fromSeconds) => nodes.forgetChain(registry, cursorName, Math.floor(fromSeconds / 3600)),
    chainOf: () => nodes.chainOf(registry),
  };
}
