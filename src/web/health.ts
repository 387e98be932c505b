import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { AssayError, explain } from '../lib/errors.ts';

export interface HealthAnswer {
  ok: boolean;
  detail: Record<string, unknown>;
}

export interface WebOptions {
  host: string;
  /** 0 picks a free one. */
  port: number;
  /** Is the process worth keeping? */
  live: () => Promise<HealthAnswer>;
  /** Can it answer and alert right now? */
  ready: () => Promise<HealthAnswer>;
  /** For Prometheus. */
  metrics?: { contentType: string; read(): Promise<string> };
}

/**
 * Serves /healthz and /readyz (200 or 503, with what is known as JSON) and /metrics. Nothing secret is in it. Throws AssayError when
 * the port cannot be had.
 */
export async function startWeb({
  host,
  port,
  live,
  ready,
  metrics,
}: WebOptions): Promise<{ port: number; stop(): Promise<void> }> {
  const app = new Hono();
  const route = (path: string, ask: () => Promise<HealthAnswer>): void => {
    app.get(path, async (context) => {
      const { ok, detail } = await ask().catch(
        (): HealthAnswer => ({ ok: false, detail: { error: 'the store does not answer' } }),
      );
      return context.json({ ok, ...detail }, ok ? 200 : 503);
    });
  };
  route('/healthz', live);
  route('/readyz', ready);
  if (metrics !== undefined) {
    app.get('/metrics', async (context) => {
      const text = await metrics.read().catch(() => null);
      if (text === null) return context.text('the store does not answer\n', 503);
      return context.body(text, 200, { 'content-type': metrics.contentType });
    });
  }
  return await new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: host, port }, (info) => {
      const stop = (): Promise<void> => new Promise((done) => void server.close(() => done()));
      resolve({ port: info.port, stop });
    });
    server.once('error', (cause) => {
      reject(
        new AssayError(`HTTP_HOST and HTTP_PORT: nothing can listen on ${host}:${port}.`, {
          detail: explain(cause),
          cause,
        }),
      );
    });
  });
}
