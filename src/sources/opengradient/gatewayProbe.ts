import { X509Certificate } from 'node:crypto';
import type { Clock } from '../../lib/clock.ts';
import type { Hex, ProbeOutcome, ProbeResult, TeeRecord } from '../../lib/facts.ts';
import { cleanText } from '../../lib/units.ts';
import { type BoundedAnswer, boundedGet, UnreadableAnswer } from '../http/boundedGet.ts';
import { CertificateMismatch, type Lookup, PinnedAgent, RefusedAddress } from '../http/pinnedAgent.ts';
import { parseStrangerUrl } from '../http/strangerUrl.ts';
import { type Health, readHealth, readHeartbeatStatus, readSigningKeyId } from './gatewayAnswers.ts';

export interface ProbeOptions {
  /** Loopback and private addresses too: only for networks of one's own. */
  allowPrivate: boolean;
  clock: Clock;
  expectedRegistry?: Hex;
  /** For /health, and again for the two further questions together. */
  timeoutMs?: number;
  signal?: AbortSignal;
  lookup?: Lookup;
}

const TIMEOUT_MS = 5_000;

/** Clocks differ a little; a price from further ahead than this is no time in seconds, or no time at all. */
const MAX_AHEAD_SECONDS = 300;

/**
 * Asks one gateway, over one connection whose certificate is the registered one: /health decides whether it is
 * reached, /signing-key whether it is who it says, /heartbeat/status adds its own count of errors. Never throws.
 */
export async function probeGateway(record: TeeRecord, options: ProbeOptions): Promise<ProbeResult> {
  const result: ProbeResult = {
    teeId: record.teeId,
    endpoint: record.endpoint,
    atMs: options.clock.now(),
    outcome: 'ok',
    detail: '',
    latencyMs: null,
    certificateMatches: null,
    certificateExpiresAtSeconds: null,
    identityMatches: null,
    priceAgeSeconds: null,
    heartbeatErrors: null,
    heartbeatLastError: null,
  };
  const target = parseStrangerUrl(record.endpoint, options.allowPrivate);
  if ('refused' in target) return { ...result, outcome: 'not-asked', detail: target.refused };
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  const registered = record.tlsCertificateDer.length > 0 ? record.tlsCertificateDer : null;
  const agent = new PinnedAgent({
    allowPrivate: options.allowPrivate,
    certificateDer: registered,
    connectTimeoutMs: timeoutMs,
    onCertificate(der) {
      result.certificateMatches = registered === null ? null : Buffer.compare(der, registered) === 0;
      result.certificateExpiresAtSeconds = expiryOf(der);
    },
    ...(options.lookup ? { lookup: options.lookup } : {}),
  });
  const get = (path: string, signal: AbortSignal): Promise<BoundedAnswer> =>
    boundedGet(new URL(path, target.url.origin), agent, signal);
  try {
    const startedAt = performance.now();
    const health = await get('/health', deadline(timeoutMs, options.signal));
    result.latencyMs = performance.now() - startedAt;
    applyHealth(result, health);
    if (result.outcome === 'ok') await askFurther(result, record, get, deadline(timeoutMs, options.signal), options);
  } catch (error) {
    Object.assign(result, failure(error));
  } finally {
    agent.destroy();
  }
  return result;
}

/** Probes many gateways, at most `concurrency` at a time and never one host twice at once, in the order given. */
export async function probeAll(
  records: readonly TeeRecord[],
  options: ProbeOptions & { concurrency: number },
): Promise<ProbeResult[]> {
  const results: ProbeResult[] = [];
  const hosts = [...Map.groupBy(records.entries(), ([, { endpoint }]) => hostOf(endpoint)).values()];
  const worker = async (): Promise<void> => {
    for (let host = hosts.shift(); host !== undefined; host = hosts.shift()) {
      for (const [index, record] of host) results[index] = await probeGateway(record, options);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, options.concurrency) }, worker));
  return results;
}

const hostOf = (endpoint: string): string => (URL.canParse(endpoint) ? new URL(endpoint).host : endpoint);

function applyHealth(result: ProbeResult, answer: BoundedAnswer): void {
  const health = answer.status === 200 ? readHealth(answer.body) : null;
  const problem = healthProblem(answer.status, health);
  if (problem !== null) {
    result.outcome = 'bad-response';
    result.detail = problem;
  } else if (health !== null && health.priceAtSeconds !== null) {
    const ageSeconds = Math.floor(result.atMs / 1000 - health.priceAtSeconds);
    result.priceAgeSeconds = ageSeconds < -MAX_AHEAD_SECONDS ? null : Math.max(0, ageSeconds);
  }
}

function healthProblem(status: number, health: Health | null): string | null {
  if (status >= 300 && status < 400) return `answered with a redirect (HTTP ${status}), which is not followed`;
  if (status !== 200) return `answered HTTP ${status}`;
  if (health === null) return 'answered something that is not a gateway’s /health';
  return health.ok ? null : 'says of itself that it is not healthy';
}

/** What these two do not answer stays unknown: only /health decides whether the gateway is reached. */
async function askFurther(
  result: ProbeResult,
  record: TeeRecord,
  get: (path: string, signal: AbortSignal) => Promise<BoundedAnswer>,
  signal: AbortSignal,
  options: ProbeOptions,
): Promise<void> {
  const optional = async (path: string): Promise<Buffer | null> => {
    const answer = await get(path, signal).catch(() => null);
    return answer?.status === 200 ? answer.body : null;
  };
  const key = await optional('/signing-key');
  const servedId = key === null ? null : readSigningKeyId(key);
  if (servedId !== null) result.identityMatches = servedId === record.teeId.toLowerCase();
  const status = await optional('/heartbeat/status');
  const heartbeat = status === null ? null : readHeartbeatStatus(status);
  if (heartbeat !== null) {
    result.heartbeatErrors = heartbeat.errors;
    result.heartbeatLastError = heartbeat.lastError;
  }
  const bare = (text: string): string => text.toLowerCase().replace(/^0x/, '');
  const says = (field: string | null | undefined, expected: string | undefined): boolean =>
    field != null && expected !== undefined && bare(field) !== bare(expected);
  if (result.identityMatches === false) {
    result.outcome = 'wrong-identity';
    result.detail = `its signing key belongs to node ${(servedId as string).slice(0, 14)}…`;
  } else if (says(heartbeat?.teeId, record.teeId)) {
    // Its own words weigh less than its key.
    if (result.identityMatches === true) {
      result.heartbeatLastError ??= 'it sends heartbeats for another node id';
    } else {
      result.outcome = 'wrong-identity';
      result.identityMatches = false;
      result.detail = 'it sends heartbeats for another node id';
    }
  } else if (says(heartbeat?.registry, options.expectedRegistry)) {
    result.heartbeatLastError ??= 'it sends heartbeats to another registry';
  }
}

function failure(error: unknown): { outcome: ProbeOutcome; detail: string } {
  const { name, code, message } = error as { name?: string; code?: string; message?: string };
  const detail = cleanText(message ?? 'unknown error', 160);
  if (error instanceof RefusedAddress) return { outcome: 'not-asked', detail };
  if (error instanceof CertificateMismatch) return { outcome: 'certificate-mismatch', detail };
  if (name === 'AbortError' || name === 'TimeoutError' || code === 'ABORT_ERR' || code === 'ETIMEDOUT') {
    return { outcome: 'timeout', detail: 'no full answer in time' };
  }
  if (error instanceof UnreadableAnswer || code?.startsWith('HPE_')) return { outcome: 'bad-response', detail };
  return { outcome: 'unreachable', detail: code === undefined ? detail : `could not connect (${cleanText(code, 40)})` };
}

function expiryOf(der: Uint8Array): number | null {
  try {
    const at = Date.parse(new X509Certificate(der).validTo) / 1000;
    return Number.isFinite(at) ? at : null;
  } catch {
    return null;
  }
}

const deadline = (ms: number, signal?: AbortSignal): AbortSignal =>
  signal ? AbortSignal.any([AbortSignal.timeout(ms), signal]) : AbortSignal.timeout(ms);
