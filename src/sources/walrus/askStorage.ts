import type { Clock } from '../../lib/clock.ts';
import { AssayError } from '../../lib/errors.ts';
import { IPFS_ID, type StorageAnswer, WALRUS_ID } from '../../lib/modelFacts.ts';
import { plural } from '../../lib/units.ts';
import { type ConfiguredAnswer, configuredFetch } from '../http/configuredFetch.ts';

export interface AskStorageOptions {
  clock: Clock;
  /** For each aggregator. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 64 * 1024;
/** An aggregator that does not do HEAD says so in one of these ways. */
const NO_HEAD = new Set([400, 405, 501]);

type Found = { state: 'readable'; sizeBytes: number | null } | { state: 'missing' } | { state: 'unknown'; why: string };

/**
 * Whether a blob can be read from one of these Walrus aggregators (URLs without a path), asked in turn until one has it.
 * `missing`: all that answered have none; `unknown`: none answered, or the id is none of Walrus. Never rejects.
 */
export async function askStorage(
  aggregators: readonly string[],
  blobId: string,
  options: AskStorageOptions,
): Promise<StorageAnswer> {
  const answer = (state: StorageAnswer['state'], reason: string, sizeBytes: number | null = null): StorageAnswer => ({
    blobId,
    state,
    reason,
    sizeBytes,
    atMs: options.clock.now(),
  });
  if (IPFS_ID.test(blobId)) return answer('unknown', 'IPFS content is not asked for');
  if (!WALRUS_ID.test(blobId)) return answer('unknown', 'this is no Walrus blob id');
  if (aggregators.length === 0) return answer('unknown', 'no aggregator is configured');
  const missing: string[] = [];
  const silent: string[] = [];
  for (const aggregator of aggregators) {
    const host = URL.canParse(aggregator) ? new URL(aggregator).host : 'an unreadable URL';
    const found = await askOne(aggregator, blobId, options);
    if (found.state === 'readable') return answer('readable', `${host} has it`, found.sizeBytes);
    if (found.state === 'missing') missing.push(host);
    else silent.push(found.why.includes(host) ? found.why : `${host} ${found.why}`);
  }
  if (missing.length === 0) return answer('unknown', silent.join('; '));
  const rest = silent.length > 0 ? `; ${plural(silent.length, 'other')} could not be asked` : '';
  return answer('missing', `${missing.join(', ')} ${missing.length === 1 ? 'has' : 'have'} none${rest}`);
}

async function askOne(aggregator: string, blobId: string, options: AskStorageOptions): Promise<Found> {
  const { timeoutMs = TIMEOUT_MS, signal } = options;
  const url = `${aggregator.replace(/\/+$/, '')}/v1/blobs/${blobId}`;
  const startedAt = performance.now();
  const ask = (method: 'HEAD' | 'GET', headers: Record<string, string>): Promise<ConfiguredAnswer> =>
    configuredFetch(url, {
      method,
      headers,
      maxBytes: MAX_BYTES,
      firstBytes: true,
      timeoutMs: Math.max(1, timeoutMs - (performance.now() - startedAt)),
      ...(signal ? { signal } : {}),
    });
  try {
    const head = await ask('HEAD', {});
    return judge(NO_HEAD.has(head.status) ? await ask('GET', { range: 'bytes=0-0' }) : head);
  } catch (error) {
    return { state: 'unknown', why: error instanceof AssayError ? error.message : 'could not be asked' };
  }
}

function judge({ status, headers }: ConfiguredAnswer): Found {
  if (status === 404) return { state: 'missing' };
  if (status !== 200 && status !== 206) return { state: 'unknown', why: `answered HTTP ${status}` };
  // Aggregators serve bytes; a web server that answers every path with a page of its own has nothing.
  if (/^text\/html\b/i.test(headers.get('content-type') ?? '')) {
    return { state: 'unknown', why: 'answered with a web page' };
  }
  return { state: 'readable', sizeBytes: sizeOf(status, headers) };
}

function sizeOf(status: number, headers: Headers): number | null {
  const text =
    status === 206
      ? /^bytes \d+-\d+\/(\d{1,16})$/.exec(headers.get('content-range') ?? '')?.[1]
      : /^\d{1,16}$/.exec(headers.get('content-length') ?? '')?.[0];
  const size = text === undefined ? Number.NaN : Number(text);
  return Number.isSafeInteger(size) ? size : null;
}
