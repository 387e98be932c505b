import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a call meets instead of its ordinary answer. */
export type RpcFault =
  /** Never answered; the connection stays open. */
  | { kind: 'hang' }
  /** Answered in the ordinary way, after this promise. */
  | { kind: 'wait'; until: Promise<unknown> }
  /** The connection breaks. */
  | { kind: 'cut' }
  /** An HTTP answer of its own, for the whole request that holds the call. */
  | { kind: 'http'; status: number; body: string; json?: boolean }
  /** A JSON-RPC error. */
  | { kind: 'error'; code: number; message: string }
  /** A JSON-RPC answer with this result; `undefined` leaves the field out. */
  | { kind: 'result'; result: unknown };

export const RPC_FAULTS = {
  hang: { kind: 'hang' },
  cut: { kind: 'cut' },
  tooManyRequests: { kind: 'http', status: 429, body: 'Too Many Requests' },
  serverError: { kind: 'http', status: 500, body: 'Internal Server Error' },
  html: { kind: 'http', status: 200, body: '<html>nginx</html>' },
  cutJson: { kind: 'http', status: 200, body: '{"jsonrpc":"2.0","id":1,"resu', json: true },
  emptyBody: { kind: 'http', status: 200, body: '' },
  emptyObject: { kind: 'http', status: 200, body: '{}', json: true },
  emptyList: { kind: 'http', status: 200, body: '[]', json: true },
  listOfNull: { kind: 'http', status: 200, body: '[null]', json: true },
  noResult: { kind: 'result', result: undefined },
  nullResult: { kind: 'result', result: null },
  wrongType: { kind: 'result', result: { number: 'seven' } },
} satisfies Record<string, RpcFault>;

/** How providers refuse a log query, in their words. */
export const LOG_REFUSALS = {
  'cosmos evm': { code: -32000, message: 'maximum [begin, end] blocks distance: 10000' },
  infura: { code: -32005, message: 'query returned more than 10000 results. Try with this block range [0x1, 0x2].' },
  alchemy: {
    code: -32602,
    message: 'Log response size exceeded. You can make eth_getLogs requests with up to a 2K block range',
  },
  quicknode: { code: -32614, message: 'eth_getLogs is limited to a 10,000 range' },
  ankr: { code: -32600, message: 'block range is too wide' },
  'besu-like': { code: -32005, message: 'Requested range exceeds maximum RPC range limit' },
  'more than 10000 results': { code: -32000, message: 'more than 10000 results' },
} satisfies Record<string, { code: number; message: string }>;

interface Call {
  jsonrpc: string;
  id: number;
  method: string;
  params?: unknown[];
}

interface LogRange {
  fromBlock: string;
  toBlock: string;
}

export type RpcProxy = Awaited<ReturnType<typeof startRpcProxy>>;

/**
 * A JSON-RPC server in front of a real node: passes everything on, writes down what was asked, and can be told to
 * fail, to lag, to serve another chain or to refuse wide log queries, as public endpoints do.
 */
export async function startRpcProxy(target: string) {
  const state = {
    /** The node behind; may be changed at any time. */
    target,
    /** Served instead of the node's own chain id. */
    chainId: null as number | null,
    /** So many blocks of the node are not known here yet. */
    lag: 0n,
    /** Log queries over more blocks, or with more results, are refused with this error. */
    logLimit: null as { blocks?: number; results?: number; error: { code: number; message: string } } | null,
    /** Leave `blockTimestamp` out of logs, as older nodes do. */
    withoutLogTimes: false,
    /** Asked before the node is: a result of its own, or null for the node's. */
    instead: null as ((method: string, params: readonly unknown[]) => unknown) | null,
  };
  const faults = new Map<string, { fault: RpcFault; left: number }[]>();
  const calls: { method: string; params: unknown[] }[] = [];
  const batches: number[] = [];
  const open = new Set<ServerResponse>();

  async function forward(method: string, params: unknown[] = []): Promise<{ result?: unknown; error?: unknown }> {
    const answer = await fetch(state.target, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
    return (await answer.json()) as { result?: unknown; error?: unknown };
  }

  const visibleHead = async (): Promise<bigint> =>
    BigInt((await forward('eth_blockNumber')).result as string) - state.lag;

  async function blockByNumber(params: unknown[]): Promise<{ result?: unknown; error?: unknown }> {
    const head = await visibleHead();
    if (params[0] === 'latest') return await forward('eth_getBlockByNumber', [`0x${head.toString(16)}`, params[1]]);
    if (BigInt(params[0] as string) > head) return { result: null };
    return await forward('eth_getBlockByNumber', params);
  }

  async function logs(params: unknown[]): Promise<{ result?: unknown; error?: unknown }> {
    const range = params[0] as LogRange;
    const limit = state.logLimit;
    const blocks = Number(BigInt(range.toBlock) - BigInt(range.fromBlock)) + 1;
    if (limit?.blocks !== undefined && blocks > limit.blocks) return { error: limit.error };
    let { fromBlock, toBlock } = range;
    if (state.lag > 0n) {
      // A real node that lags lists what it has.
      const head = await visibleHead();
      if (BigInt(fromBlock) > head) return { result: [] };
      if (BigInt(toBlock) > head) toBlock = `0x${head.toString(16)}`;
    }
    const answer = await forward('eth_getLogs', [{ ...range, fromBlock, toBlock }]);
    const list = answer.result as { blockTimestamp?: string }[] | undefined;
    if (limit?.results !== undefined && (list?.length ?? 0) > limit.results) return { error: limit.error };
    if (state.withoutLogTimes) return { result: list?.map(({ blockTimestamp: _, ...log }) => log) };
    return answer;
  }

  async function answerCall({ method, params = [] }: Call): Promise<{ result?: unknown; error?: unknown }> {
    const own = state.instead?.(method, params) ?? null;
    if (own !== null) return { result: own };
    if (method === 'eth_chainId' && state.chainId !== null) return { result: `0x${state.chainId.toString(16)}` };
    if (method === 'eth_getLogs') return await logs(params);
    if (method === 'eth_getBlockByNumber' && state.lag > 0n) return await blockByNumber(params);
    return await forward(method, params);
  }

  function takeFault(method: string): RpcFault | null {
    for (const name of [method, '*']) {
      const queue = faults.get(name);
      const first = queue?.[0];
      if (queue === undefined || first === undefined) continue;
      first.left -= 1;
      if (first.left <= 0) queue.shift();
      return first.fault;
    }
    return null;
  }

  async function answer(text: string, response: ServerResponse): Promise<void> {
    const body = JSON.parse(text) as Call | Call[];
    const list = Array.isArray(body) ? body : [body];
    batches.push(list.length);
    calls.push(...list.map(({ method, params = [] }) => ({ method, params })));
    const met = list.map(({ method }) => takeFault(method));
    if (met.some((fault) => fault?.kind === 'hang')) return;
    if (met.some((fault) => fault?.kind === 'cut')) {
      response.destroy();
      return;
    }
    const whole = met.find((fault) => fault?.kind === 'http');
    if (whole?.kind === 'http') {
      response.writeHead(whole.status, { 'content-type': whole.json ? 'application/json' : 'text/html' });
      response.end(whole.body);
      return;
    }
    const answers = await Promise.all(
      list.map(async (call, index) => {
        const fault = met[index];
        const head = { jsonrpc: '2.0', id: call.id };
        if (fault?.kind === 'error') return { ...head, error: { code: fault.code, message: fault.message } };
        if (fault?.kind === 'result') return { ...head, result: fault.result };
        if (fault?.kind === 'wait') await fault.until;
        const { result, error } = await answerCall(call);
        return error === undefined ? { ...head, result } : { ...head, error };
      }),
    );
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(Array.isArray(body) ? answers : answers[0]));
  }

  const server = createServer((request, response) => {
    open.add(response);
    response.once('close', () => open.delete(response));
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => {
      void answer(Buffer.concat(chunks).toString(), response).catch(() => {
        response.writeHead(502);
        response.end('the node behind does not answer');
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  return Object.assign(state, {
    url: `http://127.0.0.1:${port}/v1/secret-key`,
    host: `127.0.0.1:${port}`,
    /** Every call so far, in order. */
    calls,
    /** How many calls each HTTP request held. */
    batches,
    count: (method: string): number => calls.filter((call) => call.method === method).length,
    /** The next `times` calls of a method (`*`: of any) meet the fault, after those injected before. */
    inject(method: string, fault: RpcFault, times = Number.POSITIVE_INFINITY): void {
      const queue = faults.get(method) ?? [];
      queue.push({ fault, left: times });
      faults.set(method, queue);
    },
    /** An honest node again, with nothing written down. */
    heal(): void {
      faults.clear();
      calls.length = 0;
      batches.length = 0;
      Object.assign(state, { chainId: null, lag: 0n, logLimit: null, withoutLogTimes: false });
    },
    async close(): Promise<void> {
      for (const response of open) response.destroy();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
}
