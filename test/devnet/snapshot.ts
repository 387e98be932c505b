import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Field, GraphqlError, project, readQuery } from './graphql.ts';
import { snapshotData } from './snapshotData.ts';
import { checkArguments, LISTINGS, LimitError, TYPES } from './snapshotQuery.ts';

export type SnapshotFault =
  | 'error'
  | 'bad-gateway'
  | 'busy'
  | 'html'
  | 'hang'
  | 'not-json'
  /** Lists without anything in them, and null for single things: a database that lost sight of its rows. */
  | 'empty'
  | 'null-data'
  /** 200 with `errors` and no data, as when its database fails. */
  | 'failed'
  | 'wrong-shape';

interface Reply {
  status: number;
  body: string;
  html?: boolean;
  headers?: Record<string, string>;
}

const TOO_MANY =
  '{"error":"unauthorized","error_description":"too many requests, Refer to https://docs.snapshot.org/tools/api/api-keys#limits"}';
const REPLIES: Partial<Record<SnapshotFault, Reply>> = {
  error: { status: 500, body: '{"error":"unauthorized","error_description":"oops, something went wrong"}' },
  'bad-gateway': { status: 502, body: '<html><h1>502 Bad Gateway</h1></html>', html: true },
  html: { status: 200, body: '<html><h1>Just a moment…</h1></html>', html: true },
  'not-json': { status: 200, body: '{"data":{"proposals":[{"id":"cut' },
  'null-data': { status: 200, body: '{"data":null}' },
  failed: {
    status: 200,
    body: '{"errors":[{"message":"request failed"}],"data":{"proposals":null,"votes":null,"space":null}}',
  },
  'wrong-shape': { status: 200, body: '{"data":{"proposals":{"id":7},"votes":"many","space":[null]}}' },
};
const FLOATS = new Set(['vp', 'scores', 'scores_total', 'vp_by_strategy', 'scores_by_strategy', 'quorum']);
const MAX_ROOT_FIELDS = 5;

export type DevSnapshot = Awaited<ReturnType<typeof startSnapshot>>;

/**
 * Snapshot's hub as an HTTP server: `url` is what a row's `api` must say. It parses what it is asked, refuses what the hub's
 * schema does not have, and enforces page and rate limits. Times are unix seconds by `nowSeconds`.
 */
export async function startSnapshot({ nowSeconds = () => Math.floor(Date.now() / 1000) } = {}) {
  const requests: {
    query: string;
    variables: Record<string, unknown>;
    apiKey: string | null;
    status: number | null;
  }[] = [];
  const state = {
    fault: null as SnapshotFault | null,
    /** Keyless questions a minute. */
    perMinute: 100,
    /** Those who have one of these keys are not limited. */
    apiKeys: new Set<string>(),
    /** Floats are written as 1.5e+3. */
    exponents: false,
    /** After the end, the sums are not final yet. */
    scoresPending: false,
  };
  const { resolve, ...data } = snapshotData(nowSeconds, () => state.scoresPending);
  const due: SnapshotFault[] = [];
  /** When each keyless question of the last minute came. */
  let asked: number[] = [];

  function answer(fields: readonly Field[], isEmpty: boolean): object {
    const errors: object[] = [];
    const entries = fields.map((field): [string, unknown] => {
      const { alias, name, fields: inner } = field;
      if (isEmpty) return [alias, name in LISTINGS ? [] : null];
      try {
        return [alias, project(resolve(field), inner)];
      } catch (error) {
        if (!(error instanceof LimitError)) throw error;
        errors.push({ message: error.message, locations: [{ line: 1, column: 1 }], path: [alias] });
        return [alias, null];
      }
    });
    return { ...(errors.length > 0 ? { errors } : {}), data: Object.fromEntries(entries) };
  }

  function answerTo(query: string, variables: Record<string, unknown>, isEmpty: boolean): Reply {
    try {
      const fields = readQuery(query, variables, TYPES);
      if (fields.length > MAX_ROOT_FIELDS) throw new GraphqlError('The query has too many root fields.');
      for (const { name, args } of fields) {
        if (name in LISTINGS) checkArguments(LISTINGS[name as keyof typeof LISTINGS], args);
      }
      return { status: 200, body: print(answer(fields, isEmpty), state.exponents) };
    } catch (error) {
      if (!(error instanceof GraphqlError)) throw error;
      return { status: 400, body: JSON.stringify({ errors: [{ message: error.message }] }) };
    }
  }

  const refusal = (seconds: number): Reply => {
    const limits = { 'ratelimit-limit': String(state.perMinute), 'ratelimit-remaining': '0' };
    return { status: 429, body: TOO_MANY, headers: { 'retry-after': String(seconds), ...limits } };
  };
  /** Seconds to wait, or null. */
  function overLimit(apiKey: string | null): number | null {
    if (apiKey !== null && state.apiKeys.has(apiKey)) return null;
    const now = Date.now();
    asked = asked.filter((at) => at > now - 60_000);
    const [oldest = now] = asked;
    if (asked.length >= state.perMinute) return Math.ceil((oldest + 60_000 - now) / 1000);
    asked.push(now);
    return null;
  }

  /** null: none, ever. */
  function reply(text: string, apiKey: string | null): Reply | null {
    const { query = '', variables } = parsed(text);
    const record: (typeof requests)[number] = { query, variables: variables ?? {}, apiKey, status: null };
    requests.push(record);
    const wait = overLimit(apiKey);
    const fault = wait === null ? (due.shift() ?? state.fault) : null;
    if (fault === 'hang') return null;
    let made = fault === null ? undefined : REPLIES[fault];
    if (wait !== null || fault === 'busy') made = refusal(wait ?? 30);
    made ??= answerTo(query, record.variables, fault === 'empty');
    record.status = made.status;
    return made;
  }

  const server = createServer((request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => {
      const key = request.headers['x-api-key'];
      const isQuestion = request.method === 'POST' && request.url === '/graphql';
      const made = isQuestion
        ? reply(Buffer.concat(chunks).toString(), typeof key === 'string' ? key : null)
        : { status: 404, body: '' };
      if (made === null) return;
      response.writeHead(made.status, {
        'content-type': made.html ? 'text/html' : 'application/json',
        ...made.headers,
      });
      response.end(made.body);
    });
  });
  await new Promise<void>((done, refuse) => {
    server.once('error', refuse);
    server.listen(0, '127.0.0.1', done);
  });

  return {
    ...data,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    /** Every question so far, with the status that it got (null: no answer). */
    requests,
    state,
    /** The next so many answers meet the fault; `state.fault` is for all after them. */
    failNext(fault: SnapshotFault, times = 1): void {
      due.push(...Array.from({ length: times }, () => fault));
    },
    /** The minute of the rate limit begins anew. */
    forgetRequests(): void {
      asked = [];
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

/** The row of GOVERNANCE_SOURCES that reads it. */
export function snapshotRow(
  { url }: DevSnapshot,
  { network = 'snapped', space = 'devnet.eth', apiKey = null as string | null, intervalSeconds = 1 } = {},
) {
  return { kind: 'snapshot', network, space, api: url, apiKey, intervalSeconds } as const;
}

function print(body: object, exponents: boolean): string {
  const raw = (text: string): unknown => (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(text);
  const float = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(float);
    return typeof value === 'number' ? raw(value.toExponential()) : value;
  };
  return JSON.stringify(body, (key, value: unknown) => (exponents && FLOATS.has(key) ? float(value) : value));
}

function parsed(text: string): { query?: string; variables?: Record<string, unknown> | null } {
  try {
    return JSON.parse(text) as { query?: string; variables?: Record<string, unknown> | null };
  } catch {
    return {};
  }
}
