import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type FacilitatorFault = 'error' | 'hang' | 'html' | 'wrong-shape' | 'missing';

const DAY_SECONDS = 86_400;

/** Requests by UTC day of chain time, as the facilitator counts what is paid for. */
export class UsageCount {
  readonly #now: () => number;
  readonly #days = new Map<string, number>();

  constructor(nowSeconds: () => number) {
    this.#now = nowSeconds;
  }

  /** So many requests at that chain time; default now. */
  add(count: number, atSeconds = this.#now()): void {
    const day = new Date(atSeconds * 1_000).toISOString().slice(0, 10);
    this.#days.set(day, (this.#days.get(day) ?? 0) + count);
  }

  answer(days: number): object {
    const first = new Date((this.#now() - (days - 1) * DAY_SECONDS) * 1_000).toISOString().slice(0, 10);
    const daily = [...this.#days]
      .filter(([day]) => day >= first)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([day, requestCount]) => ({ day, ...totals(requestCount) }));
    const sum = daily.reduce((total, { requestCount }) => total + requestCount, 0);
    const { requestCount: totalRequests, costOpg, costUsd, inputTokens, outputTokens, totalTokens } = totals(sum);
    return {
      ...{ totalRequests, totalCostOpg: costOpg, totalCostUsd: costUsd },
      ...{ totalInputTokens: inputTokens, totalOutputTokens: outputTokens, totalTokens, daily },
    };
  }
}

const totals = (requestCount: number) => ({
  requestCount,
  costOpg: (requestCount * 0.004).toFixed(6),
  costUsd: (requestCount * 0.000_84).toFixed(6),
  inputTokens: requestCount * 12,
  outputTokens: requestCount * 34,
  totalTokens: requestCount * 46,
});

/** GET /usage, /health and /supported of a facilitator. */
export async function serveFacilitator(usage: UsageCount) {
  const state = { fault: null as FacilitatorFault | null, requests: 0 };
  const kinds = ['eip155:10740', 'eip155:8453'].map((network) => ({ x402Version: 2, scheme: 'exact', network }));

  function body(url: URL): { status: number; body: object } {
    if (url.pathname === '/health') {
      return { status: 200, body: { status: 'ok', supportedKinds: kinds, extensions: [], signers: {} } };
    }
    if (url.pathname === '/supported') return { status: 200, body: { kinds, extensions: [], signers: {} } };
    const days = Number(url.searchParams.get('days') ?? 30);
    if (url.pathname !== '/usage') return { status: 404, body: { error: 'not found' } };
    if (!Number.isInteger(days) || days < 1 || days > 90)
      return { status: 400, body: { error: 'days must be 1 to 90' } };
    return { status: 200, body: usage.answer(days) };
  }

  const server = createServer((request, response) => {
    state.requests += 1;
    if (state.fault === 'hang') return;
    if (state.fault === 'html') return void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
    const found =
      state.fault === 'error'
        ? { status: 500, body: { error: 'internal' } }
        : state.fault === 'missing'
          ? { status: 404, body: { error: 'not found' } }
          : body(new URL(request.url ?? '/', 'http://localhost'));
    const shown = state.fault === 'wrong-shape' ? { totalRequests: 'many', daily: { monday: 3 } } : found.body;
    response.writeHead(found.status, { 'content-type': 'application/json' }).end(JSON.stringify(shown));
  });
  await new Promise<void>((done, refuse) => {
    server.once('error', refuse);
    server.listen(0, '127.0.0.1', done);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    state,
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}
