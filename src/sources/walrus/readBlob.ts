import { AssayError } from '../../lib/errors.ts';
import { WALRUS_ID } from '../../lib/modelFacts.ts';
import { cleanText } from '../../lib/units.ts';
import { hostOf } from '../evm/rpcError.ts';
import { configuredFetch, TooLargeError } from '../http/configuredFetch.ts';

/** `reason` is safe to show: it names aggregators' hosts only. `unreadable`: unknown, it may be read another time. */
export type BlobRead =
  | { kind: 'read'; bytes: Uint8Array }
  | { kind: 'missing' | 'too-large' | 'unreadable'; reason: string };

const MAX_BYTES = 8 * 1024 * 1024;
const TIMEOUT_MS = 20_000;

/**
 * A blob from the first aggregator that serves it, in the order given; each may take `timeoutMs`. One that fails is passed
 * over. `missing` only where every aggregator was asked and said that it has none (404); `too-large` as soon as one serves it
 * larger than `maxBytes`, since all serve the same bytes. Never rejects.
 */
export async function readBlob(
  aggregators: readonly string[],
  blobId: string,
  options: { maxBytes?: number; timeoutMs?: number; signal?: AbortSignal } = {},
): Promise<BlobRead> {
  // It comes from a stranger and becomes part of a URL.
  if (!WALRUS_ID.test(blobId)) return { kind: 'unreadable', reason: 'the id is none of a Walrus blob' };
  const { maxBytes = MAX_BYTES, timeoutMs = TIMEOUT_MS, signal } = options;
  const failures: string[] = [];
  let missing = 0;
  for (const aggregator of aggregators) {
    if (signal?.aborted) break;
    try {
      const asked = { maxBytes, timeoutMs, ...(signal ? { signal } : {}) };
      const { status, headers, bytes } = await configuredFetch(blobUrl(aggregator, blobId), asked);
      // Aggregators serve bytes; a web server that answers every path with a page of its own says nothing of the blob.
      const isPage = /^text\/html\b/i.test(headers.get('content-type') ?? '');
      if (status === 200 && !isPage) return { kind: 'read', bytes };
      if (status === 200) failures.push(`${hostOf(aggregator)} answers with a web page`);
      else if (status === 404) missing += 1;
      else failures.push(`${hostOf(aggregator)} answers HTTP ${status}`);
    } catch (error) {
      if (error instanceof TooLargeError && error.status === 200) {
        return { kind: 'too-large', reason: `the blob is larger than ${maxBytes / 1024} KiB` };
      }
      failures.push(error instanceof AssayError ? error.message : `${hostOf(aggregator)} could not be asked`);
    }
  }
  if (signal?.aborted) return { kind: 'unreadable', reason: 'reading it was stopped' };
  if (missing > 0 && missing === aggregators.length) {
    return {
      kind: 'missing',
      reason: missing === 1 ? 'the aggregator has no such blob' : 'no aggregator has such a blob',
    };
  }
  if (aggregators.length === 0) return { kind: 'unreadable', reason: 'no aggregator is configured' };
  const without = missing === 0 ? [] : [`${missing} of ${aggregators.length} have no such blob`];
  return { kind: 'unreadable', reason: cleanText([...failures, ...without].join('; '), 300) };
}

/** Where an aggregator serves a blob; its own path and query (a key, perhaps) stay. */
function blobUrl(aggregator: string, blobId: string): URL {
  const url = new URL(aggregator);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/blobs/${blobId}`;
  return url;
}
