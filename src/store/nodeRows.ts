import type {
  ApprovedPcr,
  Hex,
  ProbeOutcome,
  RegistryEvent,
  RegistryEventKind,
  RegistrySnapshot,
  TeeRecord,
  TeeType,
} from '../lib/facts.ts';
import type { PrismaDb } from './client.ts';
import { fromBig, fromBigOrNull } from './numbers.ts';
import type { NodeFacts, RegistryId, StoredNode, StoredProbe } from './store.ts';

type RowOf<Model extends 'teeRecord' | 'probeLatest' | 'registryState' | 'registryEvent'> = NonNullable<
  Awaited<ReturnType<PrismaDb[Model]['findFirst']>>
>;

const toRecord = (row: RowOf<'teeRecord'>): TeeRecord => ({
  teeId: row.teeId as Hex,
  owner: row.owner as Hex,
  paymentAddress: row.paymentAddress as Hex,
  endpoint: row.endpoint,
  publicKeyDer: row.publicKeyDer,
  tlsCertificateDer: row.tlsCertificateDer,
  pcrHash: row.pcrHash as Hex,
  teeType: row.teeType,
  enabled: row.enabled,
  registeredAtSeconds: fromBig(row.registeredAtSeconds),
  lastHeartbeatAtSeconds: fromBig(row.lastHeartbeatAtSeconds),
  layout: row.layout === 11 ? 11 : 10,
  ohttp: row.ohttp,
});

const toProbe = (row: RowOf<'probeLatest'>): StoredProbe => ({
  teeId: row.teeId as Hex,
  endpoint: row.endpoint,
  atMs: fromBig(row.atMs),
  outcome: row.outcome as ProbeOutcome,
  detail: row.detail,
  latencyMs: row.latencyMs,
  certificateMatches: row.certificateMatches,
  certificateExpiresAtSeconds: fromBigOrNull(row.certificateExpiresAtSeconds),
  identityMatches: row.identityMatches,
  priceAgeSeconds: fromBigOrNull(row.priceAgeSeconds),
  heartbeatErrors: row.heartbeatErrors,
  heartbeatLastError: row.heartbeatLastError,
  streak: row.streak,
  streakSinceMs: fromBig(row.streakSinceMs),
});

export const toEvent = (row: RowOf<'registryEvent'>): RegistryEvent => ({
  kind: row.kind as RegistryEventKind,
  blockNumber: row.blockNumber,
  blockTimestampSeconds: fromBig(row.blockTimestampSeconds),
  logIndex: row.logIndex,
  txHash: row.txHash as Hex,
  teeId: row.teeId as Hex | null,
  pcrHash: row.pcrHash as Hex | null,
  teeType: row.teeType,
  owner: row.owner as Hex | null,
  signedAtSeconds: fromBigOrNull(row.signedAtSeconds),
});

const toRegistry = (row: RowOf<'registryState'>): Omit<RegistrySnapshot, 'records'> => ({
  chainId: row.chainId,
  registry: row.registry as Hex,
  block: {
    number: row.blockNumber,
    hash: row.blockHash as Hex,
    timestampSeconds: fromBig(row.blockTimestampSeconds),
  },
  heartbeatMaxAgeSeconds: row.heartbeatMaxAgeSeconds,
  types: JSON.parse(row.types) as TeeType[],
  approvedPcrs: row.approvedPcrs === null ? null : (JSON.parse(row.approvedPcrs) as ApprovedPcr[]),
});

/** Reads the registry, or the one that was read last, with its nodes; null before the first read. */
export async function loadFacts(prisma: PrismaDb, only: RegistryId | null = null): Promise<NodeFacts | null> {
  const where = only === null ? {} : { registry: only.registry, chainId: only.chainId };
  const state = await prisma.registryState.findFirst({ where, orderBy: { readAtMs: 'desc' } });
  if (state === null) return null;
  const [nodes, probes] = await Promise.all([
    prisma.node.findMany({ include: { records: { where: { registry: state.registry } } }, orderBy: { id: 'asc' } }),
    prisma.probeLatest.findMany(),
  ]);
  const probeOf = new Map(probes.map((probe) => [probe.teeId, probe]));
  return {
    registry: toRegistry(state),
    readAtMs: fromBig(state.readAtMs),
    nodes: nodes
      .filter((node) => node.records.length > 0)
      .map(
        (node): StoredNode => ({
          id: node.id,
          key: node.key,
          firstSeenAtMs: fromBig(node.firstSeenAtMs),
          lastBeatAtSeconds: fromBigOrNull(node.lastBeatAtSeconds),
          records: node.records.map(toRecord),
          probes: new Map(
            node.records.flatMap(({ teeId }) => {
              const probe = probeOf.get(teeId);
              // One made where the record was before says nothing about this node.
              return probe?.nodeId === node.id ? [[teeId as Hex, toProbe(probe)]] : [];
            }),
          ),
        }),
      ),
  };
}
