import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Discord's limits: requests of a token, and messages in a channel, each within a window that slides. */
const GLOBAL = { count: 50, windowMs: 1_000 };
const CHANNEL = { count: 5, windowMs: 5_000 };

export interface LimitedDiscord {
  /** For a REST client. */
  apiUrl: string;
  close(): Promise<void>;
}

/**
 * Takes messages to any channel and refuses what is above the limits in Discord's words; nothing else of Discord. Each
 * request and each answer is on its way for `latencyMs`.
 */
export async function startLimitedDiscord(latencyMs: number): Promise<LimitedDiscord> {
  const sent = new Map<string, number[]>();
  let nextId = 1;

  /** Milliseconds until that many are no longer within the window; 0 lets it through. */
  const waitFor = (key: string, { count, windowMs }: typeof GLOBAL, now: number): number => {
    const recent = (sent.get(key) ?? []).filter((at) => at > now - windowMs);
    sent.set(key, recent);
    return recent.length < count ? 0 : (recent[0] ?? now) + windowMs - now;
  };

  const answer = async (path: string, response: ServerResponse): Promise<void> => {
    await delay(latencyMs);
    const now = performance.now();
    const globalMs = waitFor('all', GLOBAL, now);
    const waitMs = Math.max(globalMs, waitFor(path, CHANNEL, now));
    if (waitMs === 0) for (const key of ['all', path]) sent.get(key)?.push(now);
    await delay(latencyMs);
    if (waitMs === 0) {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ id: String(nextId++) }));
      return;
    }
    const retryAfter = waitMs / 1_000;
    response.writeHead(429, {
      'content-type': 'application/json',
      'retry-after': String(retryAfter),
      ...(globalMs > 0 ? { 'x-ratelimit-global': 'true' } : { 'x-ratelimit-scope': 'user' }),
    });
    response.end(
      JSON.stringify({ message: 'You are being rate limited.', retry_after: retryAfter, global: globalMs > 0 }),
    );
  };

  const server = createServer((request, response) => {
    request.resume().once('end', () => void answer(request.url ?? '', response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
