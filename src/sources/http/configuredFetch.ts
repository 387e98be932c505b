import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { AssayError } from '../../lib/errors.ts';

const MAX_HEADER_BYTES = 16 * 1024;

export interface ConfiguredAnswer {
  /** Never a redirect. */
  status: number;
  headers: Headers;
  /** Empty for HEAD. */
  bytes: Uint8Array;
}

export interface ConfiguredFetchOptions {
  method?: 'GET' | 'HEAD' | 'POST';
  /** Of a POST; it may be sent twice, where a kept connection was closed just then. */
  body?: string;
  maxBytes: number;
  /** For the whole exchange, from the look-up of the name to the last byte. */
  timeoutMs: number;
  signal?: AbortSignal;
  headers?: Record<string, string>;
  /** The first bytes are enough: beyond `maxBytes` the answer is what was read so far, rather than an error. */
  firstBytes?: boolean;
}

/** The body is larger than the reader is willing to read, or claims to be. */
export class TooLargeError extends AssayError {
  /** Of the answer: a page that says "not found" may be too large, too. */
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/**
 * GET, HEAD or POST of a URL that the operator configured (private addresses are his own business; strangers' URLs go through
 * boundedGet). Redirects are refused, at most `maxBytes` are read, and a dripping body ends with the time. Every status
 * below 300 and above 399 is an answer. Rejects with TooLargeError, or with AssayError, whose words name the host and
 * nothing else of the URL: its path, query or credentials may be a key.
 */
export function configuredFetch(url: URL | string, options: ConfiguredFetchOptions): Promise<ConfiguredAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<ConfiguredAnswer>();
  if (!URL.canParse(String(url))) return Promise.reject(new AssayError('the configured URL is not readable'));
  const target = new URL(url);
  if (target.protocol !== 'http:' && target.protocol !== 'https:') {
    return Promise.reject(new AssayError(`${target.host || 'the configured URL'} is neither http nor https`));
  }
  const { host } = target;
  let isOver = false;
  let asking: ClientRequest | undefined;
  const fail = (error: AssayError): void => {
    isOver = true;
    reject(error);
    // The connection is of no more use, whatever it still sends. Without a reason: given one (by a signal, say) a socket whose
    // answer is complete hands it to nobody, and that ends the process.
    asking?.destroy();
  };
  const finish = (answer: ConfiguredAnswer): void => {
    isOver = true;
    resolve(answer);
  };
  const again = (words: string): AssayError => new AssayError(`${host} ${words}`, { retryable: true });
  const stop = (): void => fail(new AssayError(`asking ${host} was stopped`, { retryable: true }));
  if (options.signal?.aborted) {
    stop();
    return promise;
  }
  const timer = setTimeout(() => fail(again('gave no full answer in time')), options.timeoutMs);
  options.signal?.addEventListener('abort', stop, { once: true });
  const done = (): void => {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', stop);
  };
  promise.then(done, done);

  const method = options.method ?? 'GET';
  const read = (answer: IncomingMessage): void => {
    const status = answer.statusCode ?? 0;
    const headers = headersOf(answer.rawHeaders);
    const tooLarge = (): void => fail(new TooLargeError(`${host} sends more than ${options.maxBytes} bytes`, status));
    // `on`, here and below: giving up makes them err once more.
    answer.on('error', () => fail(again('cut its answer short')));
    answer.once('aborted', () => fail(again('cut its answer short')));
    if (status >= 300 && status < 400) {
      fail(new AssayError(`${host} answers with a redirect (HTTP ${status}), which is not followed`));
      return;
    }
    if (method === 'HEAD') {
      answer.resume();
      finish({ status, headers, bytes: new Uint8Array() });
      return;
    }
    if (!options.firstBytes && Number(headers.get('content-length') ?? 0) > options.maxBytes) {
      tooLarge();
      return;
    }
    const chunks: Buffer[] = [];
    let size = 0;
    answer.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= options.maxBytes) chunks.push(chunk);
      else if (!options.firstBytes) tooLarge();
      else {
        resolve({ status, headers, bytes: joined(chunks, size - chunk.length) });
        isOver = true;
        asking?.destroy();
      }
    });
    answer.once('end', () => {
      if (isEncoded(headers)) fail(again('answers in an encoding that was not asked for'));
      else finish({ status, headers, bytes: joined(chunks, size) });
    });
  };
  const ask = (onNewConnection: boolean): void => {
    const asked = (target.protocol === 'https:' ? requestHttps : requestHttp)(
      target,
      {
        method,
        maxHeaderSize: MAX_HEADER_BYTES,
        headers: { 'accept-encoding': 'identity', ...options.headers },
        ...(onNewConnection ? { agent: false } : {}),
      },
      read,
    );
    asking = asked;
    asked.on('error', (error: NodeJS.ErrnoException) => {
      // The other side may close a kept connection just as we use it: that says nothing about it.
      if (asked.reusedSocket && error.code === 'ECONNRESET' && !isOver) ask(true);
      else fail(again(wordsFor(error)));
    });
    asked.end(options.body);
  };
  ask(false);
  return promise;
}

const isEncoded = (headers: Headers): boolean => (headers.get('content-encoding') ?? 'identity') !== 'identity';

/** In memory of its own: the bytes may be handed to another thread. */
function joined(chunks: readonly Buffer[], size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function headersOf(raw: readonly string[]): Headers {
  const headers = new Headers();
  for (let at = 0; at + 1 < raw.length; at += 2) headers.append(raw[at] as string, raw[at + 1] as string);
  return headers;
}

/** Node's own messages name addresses and hosts; the code says enough. */
function wordsFor({ code }: NodeJS.ErrnoException): string {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'is a name that leads nowhere';
  if (code?.startsWith('HPE_')) return 'answers something that is not HTTP';
  if (code?.includes('CERT') || code?.startsWith('ERR_TLS') || code?.startsWith('ERR_SSL') || code === 'EPROTO') {
    return 'has no certificate that holds';
  }
  return `could not be reached (${code ?? 'no reason given'})`;
}
