import { standingAt } from '../insight/proofStanding.ts';
import type { Hex, RegistryEvent, TeeRecord } from '../lib/facts.ts';
import type { Standing } from '../lib/proofFacts.ts';
import type { NodeFacts, Store } from '../store/store.ts';

/** More changes of the registry than this are not looked at: the oldest are left out. */
const MAX_EVENTS = 50_000;

const CHANGES: RegistryEvent['kind'][] = ['registered', 'enabled', 'disabled', 'pcr-approved', 'pcr-revoked'];

/** What checking proofs needs to know of nodes; ids in lower case. */
export interface NodesThen {
  /** DER of every registered key. */
  keys: Map<Hex, Uint8Array>;
  /** Node ids by teeId. */
  nodeOf: Map<Hex, number>;
  /** How that node stood at a moment of chain time. */
  standingOf(teeId: Hex, atSeconds: number): Standing;
}

/**
 * Keys and standings as the store has them now. `knownFromSeconds`: since when every event of the registry is known; null: the
 * oldest one that is stored says so.
 */
export async function nodesThen(
  store: Pick<Store, 'nodes'>,
  facts: NodeFacts,
  knownFromSeconds: number | null,
): Promise<NodesThen> {
  const events = await store.nodes.events({ kinds: CHANGES, limit: MAX_EVENTS });
  const from = events.length === MAX_EVENTS || knownFromSeconds === null ? oldestOf(events) : knownFromSeconds;
  const byNode = Map.groupBy(events, ({ teeId }) => teeId?.toLowerCase() ?? '');
  const byPcr = Map.groupBy(events, ({ pcrHash, teeType }) => pcrKey(pcrHash, teeType));
  const approved =
    facts.registry.approvedPcrs === null
      ? null
      : new Set(facts.registry.approvedPcrs.map(({ pcrHash, teeType }) => pcrKey(pcrHash, teeType)));
  const records = new Map<Hex, TeeRecord>();
  const nodeOf = new Map<Hex, number>();
  for (const node of facts.nodes) {
    for (const record of node.records) {
      const teeId = lower(record.teeId);
      records.set(teeId, record);
      nodeOf.set(teeId, node.id);
    }
  }
  return {
    keys: new Map([...records].map(([teeId, { publicKeyDer }]) => [teeId, publicKeyDer])),
    nodeOf,
    standingOf(teeId, atSeconds) {
      const record = records.get(lower(teeId)) ?? null;
      const key = record === null ? '' : pcrKey(record.pcrHash, record.teeType);
      return standingAt(
        {
          record,
          pcrApproved: approved?.has(key) ?? null,
          events: [...(byNode.get(lower(teeId)) ?? []), ...(byPcr.get(key) ?? [])],
          knownFromSeconds: from,
        },
        atSeconds,
      );
    },
  };
}

const lower = (hex: Hex): Hex => hex.toLowerCase() as Hex;
const pcrKey = (pcrHash: Hex | null, teeType: number | null): string => `${pcrHash?.toLowerCase()}/${teeType}`;
/** They come newest first. */
const oldestOf = (events: readonly RegistryEvent[]): number | null => events.at(-1)?.blockTimestampSeconds ?? null;
