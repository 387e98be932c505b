import { AssayError } from '../../lib/errors.ts';
import { configuredFetch } from './configuredFetch.ts';

export interface JsonAnswer {
  /** 200, or another below 500 that is not 429. */
  status: number;
  /** What a 200 holds; undefined otherwise. */
  value: unknown;
  /** How much was read for it. */
  sizeBytes: number;
}

const MAX_RETRY_AFTER_MS = 3_600_000;

/**
 * GET of JSON, or POST of `post`, from a service that the operator configured. Numbers that are no safe whole ones come as the text
 * that was sent where `exact` is set. Rejects with AssayError: retryable, with `retryAfterMs` where the
 * service asks for it, when it is busy or broken (429, 5xx) or a 200 is no JSON. `who` begins its words: `the hub`.
 */
export async function askJson(
  url: string,
  options: {
    who: string;
    maxBytes: number;
    timeoutMs: number;
    signal?: AbortSignal;
    headers?: Record<string, string>;
    post?: unknown;
    exact?: boolean;
  },
): Promise<JsonAnswer> {
  const { who, post, exact, ...fetchOptions } = options;
  const isPost = post !== undefined;
  const { status, headers, bytes } = await configuredFetch(url, {
    ...fetchOptions,
    ...(isPost ? { method: 'POST', body: JSON.stringify(post) } : {}),
    headers: {
      accept: 'application/json',
      ...(isPost ? { 'content-type': 'application/json' } : {}),
      ...options.headers,
    },
  });
  if (status === 429 || status >= 500) {
    const retryAfterMs = retryAfter(headers);
    throw new AssayError(status === 429 ? `${who} asks for fewer questions` : `${who} answered HTTP ${status}`, {
      retryable: true,
      retryAfterMs,
      detail: `HTTP ${status} from ${new URL(url).host}${retryAfterMs > 0 ? `, retry-after ${retryAfterMs / 1000} s` : ''}`,
    });
  }
  if (status !== 200) return { status, value: undefined, sizeBytes: bytes.length };
  const value = parse(bytes, exact ? asWritten : undefined);
  if (value === undefined) throw new AssayError(`${who} answered something that is not JSON`, { retryable: true });
  return { status, value, sizeBytes: bytes.length };
}

type Reviver = (key: string, value: unknown, context?: { source?: string }) => unknown;

/** A float is not what was sent: 0.1 is not, and neither is a number of twenty digits. */
const asWritten: Reviver = (_key, value, context) =>
  typeof value === 'number' && !Number.isSafeInteger(value) && context?.source !== undefined ? context.source : value;

function parse(bytes: Uint8Array, reviver?: Reviver): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'), reviver);
  } catch {
    return undefined;
  }
}

/** Seconds, or a date, which is read by the clock of the one that wrote it. */
function retryAfter(headers: Headers): number {
  const text = headers.get('retry-after') ?? '';
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.parse(headers.get('date') ?? '');
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), MAX_RETRY_AFTER_MS) : 0;
}
