import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { judge } from './judge.ts';

export interface Recorded {
  method: string;
  /** Without /api/v10. */
  path: string;
  body: unknown;
  /** `alt`: what is said instead of a picture; empty where nothing is. */
  files: { name: string; bytes: number; content: Buffer; alt: string }[];
  status: number;
  response: unknown;
  atMs: number;
}

export type Fault =
  /** Discord answers this instead of doing anything. */
  | { status: number; body?: object; headers?: Record<string, string> }
  /** Discord does it, and the answer never arrives. */
  | 'lost-answer'
  /** Discord does it, and the connection is cut. */
  | 'cut-after'
  /** Discord does it, and the connection is cut in the middle of the answer's body. */
  | 'cut-amid'
  /** The connection is cut before anything is done. */
  | 'cut-before';

export const REFUSALS = {
  cannotDm: { status: 403, body: { code: 50007, message: 'Cannot send messages to this user' } },
  missingPermissions: { status: 403, body: { code: 50013, message: 'Missing Permissions' } },
  missingAccess: { status: 403, body: { code: 50001, message: 'Missing Access' } },
  unknownChannel: { status: 404, body: { code: 10003, message: 'Unknown Channel' } },
  unknownMessage: { status: 404, body: { code: 10008, message: 'Unknown Message' } },
  invalidBody: { status: 400, body: { code: 50035, message: 'Invalid Form Body', errors: {} } },
  serverError: { status: 502, body: { message: 'bad gateway' } },
} as const satisfies Record<string, Fault>;

export const rateLimited = (seconds: number, global = false): Fault => ({
  status: 429,
  body: { message: 'You are being rate limited.', retry_after: seconds, global },
  headers: {
    'retry-after': String(seconds),
    ...(global ? { 'x-ratelimit-global': 'true' } : { 'x-ratelimit-scope': 'user' }),
  },
});

/** A file that a person has attached, and how it is handed out. */
interface Attached {
  status: number;
  headers: Record<string, string>;
  bytes: Buffer;
  /** The answer never ends. */
  endless: boolean;
}

const EPHEMERAL = 64;

const NONCE_WINDOW_MS = 5 * 60_000;

/**
 * Stands between the bot and the twin: records, judges, injects faults, and does what the twin does not: honours
 * `enforce_nonce`, and remembers that the answer to an ephemeral deferral is ephemeral.
 */
export async function startProxy(target: string) {
  const recorded: Recorded[] = [];
  const violations: string[] = [];
  const faults: { method: string; path: RegExp; fault: Fault; times: number }[] = [];
  const nonces = new Map<string, { response: unknown; atMs: number }>();
  const ephemeral = new Set<string>();
  const watchers = new Set<() => void>();
  const attachments = new Map<string, Attached>();
  let duplicates = 0;

  const server = createServer((request, response) => {
    void handle(request, response).catch(() => response.destroy());
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const raw = await bytesOf(request);
    const { body, files } = parseBody(request.headers['content-type'] ?? '', raw);
    const method = request.method ?? 'GET';
    const path =
      (request.url ?? '')
        .replace(/^\/api(\/v\d+)?/, '')
        .split('?')[0]
        ?.replaceAll('%40', '@') ?? '';
    const file = method === 'GET' ? attachments.get(path) : undefined;
    if (file !== undefined) {
      response.writeHead(file.status, file.headers);
      response.write(file.bytes);
      if (!file.endless) response.end();
      return;
    }
    violations.push(...judge(method, path, body, files));
    const fault = takeFault(method, path);
    if (fault === 'cut-before') {
      response.destroy();
      return;
    }
    if (fault !== null && typeof fault === 'object') {
      recorded.push({
        method,
        path,
        body,
        files,
        status: fault.status,
        response: fault.body ?? null,
        atMs: Date.now(),
      });
      response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers });
      response.end(JSON.stringify(fault.body ?? {}));
      notify();
      return;
    }
    const answer = await forward(request, method, path, body);
    recorded.push({ method, path, body, files, status: answer.status, response: answer.json, atMs: Date.now() });
    notify();
    if (fault === 'lost-answer') return;
    if (fault === 'cut-after') {
      response.destroy();
      return;
    }
    if (fault === 'cut-amid') {
      const text = JSON.stringify(answer.json);
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
      response.write(text.slice(0, text.length / 2), () => response.destroy());
      return;
    }
    response.writeHead(answer.status, answer.status === 204 ? {} : { 'content-type': 'application/json' });
    response.end(answer.status === 204 ? undefined : JSON.stringify(answer.json));
  }

  function takeFault(method: string, path: string): Fault | null {
    const found = faults.find((one) => one.times > 0 && one.method === method && one.path.test(path));
    if (found === undefined) return null;
    found.times -= 1;
    return found.fault;
  }

  async function forward(request: IncomingMessage, method: string, path: string, body: unknown) {
    const { nonce, enforce_nonce: enforced } = (body ?? {}) as { nonce?: string; enforce_nonce?: boolean };
    const key = enforced && nonce && method === 'POST' ? `${path} ${nonce}` : null;
    const earlier = key === null ? undefined : nonces.get(key);
    if (earlier && Date.now() - earlier.atMs < NONCE_WINDOW_MS) {
      duplicates += 1;
      return { status: 200, json: earlier.response };
    }
    const [, token = ''] = /^\/(?:interactions|webhooks)\/\d+\/([^/]+)/.exec(path) ?? [];
    if (((body as { data?: { flags?: number } } | null)?.data?.flags ?? 0) & EPHEMERAL) ephemeral.add(token);
    const isOriginal = method === 'PATCH' && path.endsWith('/@original') && ephemeral.has(token);
    const said = isOriginal ? { ...(body as object), flags: EPHEMERAL } : body;
    const answer = await fetch(`${target}${request.url}`, {
      method,
      headers: { authorization: request.headers.authorization ?? '', 'content-type': 'application/json' },
      ...(said === null ? {} : { body: JSON.stringify(said) }),
    });
    const text = await answer.text();
    const json: unknown = text === '' ? null : JSON.parse(text);
    if (key !== null && answer.ok) nonces.set(key, { response: json, atMs: Date.now() });
    return { status: answer.status, json };
  }

  const notify = (): void => {
    for (const watcher of watchers) watcher();
  };

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`,
    recorded,
    violations,
    /** Puts a file where people's attachments are; returns its address. */
    attach(path: string, file: Partial<Attached>): string {
      attachments.set(path, { status: 200, headers: {}, bytes: Buffer.alloc(0), endless: false, ...file });
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
    },
    duplicatesDropped: () => duplicates,
    inject(method: string, path: RegExp, fault: Fault, times = 1): void {
      faults.push({ method, path, fault, times });
    },
    /** The first recorded request that fits, also one to come. */
    async until(fits: (one: Recorded) => boolean, timeoutMs = 5_000): Promise<Recorded> {
      return await new Promise((resolve, reject) => {
        const look = (): void => {
          const found = recorded.find(fits);
          if (found === undefined) return;
          clearTimeout(timer);
          watchers.delete(look);
          resolve(found);
        };
        const timer = setTimeout(() => {
          watchers.delete(look);
          reject(
            new Error(
              `no such request within ${timeoutMs} ms; seen: ${recorded
                .slice(-8)
                .map(({ method, path, status }) => `${method} ${path} ${status}`)
                .join(', ')}`,
            ),
          );
        }, timeoutMs);
        watchers.add(look);
        look();
      });
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function parseBody(type: string, raw: Buffer): { body: unknown; files: Recorded['files'] } {
  if (raw.length === 0) return { body: null, files: [] };
  const boundary = /boundary=(.+)$/.exec(type)?.[1];
  if (boundary === undefined) return { body: JSON.parse(raw.toString()), files: [] };
  const files: Recorded['files'] = [];
  let body: unknown = {};
  for (const part of raw.toString('latin1').split(`--${boundary}`)) {
    const split = part.indexOf('\r\n\r\n');
    const head = part.slice(0, split);
    const content = part.slice(split + 4, -2);
    if (/name="payload_json"/.test(head)) body = JSON.parse(Buffer.from(content, 'latin1').toString('utf8'));
    const name = /filename="([^"]+)"/.exec(head)?.[1];
    if (name !== undefined)
      files.push({ name, bytes: content.length, content: Buffer.from(content, 'latin1'), alt: '' });
  }
  const { attachments = [] } = body as { attachments?: { description?: string }[] };
  for (const [index, file] of files.entries()) file.alt = attachments[index]?.description ?? '';
  return { body, files };
}
