/**
 * Facts: what a source read, in plain data. Sources produce them, the store keeps them,
 * insight judges them. No behaviour lives here.
 */

export type Hex = `0x${string}`;

/** A block as a chain reported it. `timestampSeconds` is the chain's own clock (unix seconds). */
export interface BlockRef {
  number: bigint;
  hash: Hex;
  timestampSeconds: number;
}

/** One registration in the TEERegistry. A restarted enclave registers again under a new `teeId`. */
export interface TeeRecord {
  /** keccak256 of the DER public key. */
  teeId: Hex;
  owner: Hex;
  paymentAddress: Hex;
  /** Text from the chain: untrusted, may be anything. */
  endpoint: string;
  publicKeyDer: Uint8Array;
  tlsCertificateDer: Uint8Array;
  pcrHash: Hex;
  teeType: number;
  enabled: boolean;
  registeredAtSeconds: number;
  /** Block time of the last accepted heartbeat; equals `registeredAtSeconds` before the first one. */
  lastHeartbeatAtSeconds: number;
  /** How many fields the registry's struct had: 10 (before OHTTP) or 11. */
  layout: 10 | 11;
  /** Whether the node offers an OHTTP key; null where the layout has no such field. */
  ohttp: boolean | null;
}

export interface TeeType {
  id: number;
  name: string;
}

export interface ApprovedPcr {
  pcrHash: Hex;
  teeType: number;
}

/** Everything the registry says, read at one block. */
export interface RegistrySnapshot {
  chainId: number;
  registry: Hex;
  block: BlockRef;
  heartbeatMaxAgeSeconds: number;
  types: TeeType[];
  /** null when the contract does not answer getApprovedPCRs: then a revoked PCR cannot be told. */
  approvedPcrs: ApprovedPcr[] | null;
  records: TeeRecord[];
}

export type RegistryEventKind = 'registered' | 'enabled' | 'disabled' | 'pcr-approved' | 'pcr-revoked' | 'heartbeat';

/** One registry log, decoded. Unique by (blockNumber, logIndex) within a chain and contract. */
export interface RegistryEvent {
  kind: RegistryEventKind;
  blockNumber: bigint;
  blockTimestampSeconds: number;
  logIndex: number;
  txHash: Hex;
  teeId: Hex | null;
  pcrHash: Hex | null;
  teeType: number | null;
  owner: Hex | null;
  /** The enclave's signed clock, on heartbeats only. */
  signedAtSeconds: number | null;
}

/** How far a probe got. Everything but `ok` says where it stopped. */
export type ProbeOutcome =
  | 'ok'
  /** Connection refused, reset, DNS failure, TLS failure. */
  | 'unreachable'
  | 'timeout'
  /** The peer's certificate is not the registered one, byte for byte. */
  | 'certificate-mismatch'
  /** /signing-key hashes to another node id. */
  | 'wrong-identity'
  /** It answered, but not what a gateway answers (status, size, content, redirect). */
  | 'bad-response'
  /** We do not ask: not https, a private address, not a URL. Says nothing about the node. */
  | 'not-asked';

/** What one probe of one gateway found, "from this bot". */
export interface ProbeResult {
  teeId: Hex;
  endpoint: string;
  atMs: number;
  outcome: ProbeOutcome;
  /** Short cause for an operator, already bounded and without control characters. Empty on `ok`. */
  detail: string;
  /** Time from connect to the full /health answer; null unless one arrived. */
  latencyMs: number | null;
  certificateMatches: boolean | null;
  certificateExpiresAtSeconds: number | null;
  identityMatches: boolean | null;
  /** now - price_feed.last_success, by this bot's clock; null when not reported. */
  priceAgeSeconds: number | null;
  /** The gateway's own count of failed heartbeats, and its last error (untrusted text); null when not reported. */
  heartbeatErrors: number | null;
  heartbeatLastError: string | null;
}

/** The source that every fact about nodes comes from. */
export const REGISTRY_SOURCE = 'opengradient.registry';

/** The `shortError` of a source whose chain answers and stands still, as against one that cannot be read. */
export const CHAIN_HALTED = 'the chain has produced no block for over 2 minutes';

export type SourceState = 'fresh' | 'stale' | 'failing' | 'unknown';

/** What the bot knows about its own view of one source. */
export interface SourceStatus {
  /** e.g. `opengradient.registry`. */
  source: string;
  state: SourceState;
  lastSuccessAtMs: number | null;
  lastAttemptAtMs: number | null;
  failingSinceMs: number | null;
  /** For operators: the cause; while fresh null or a note. */
  error: string | null;
  /** For readers: one short clause without internals; while fresh null or a note (a chain that was reset). */
  shortError: string | null;
}
