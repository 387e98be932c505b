import { Agent, get } from 'node:http';
import { createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { AssayError } from '../../src/lib/errors.ts';
import { type HealthAnswer, startWeb } from '../../src/web/health.ts';

const stops: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

const good = async (): Promise<HealthAnswer> => ({ ok: true, detail: { backlog: { count: 0 } } });

async function start(live: () => Promise<HealthAnswer>, ready = live): Promise<string> {
  const web = await startWeb({ host: '127.0.0.1', port: 0, live, ready });
  stops.push(() => web.stop());
  return `http://127.0.0.1:${web.port}`;
}

test('healthy is 200 with what is known, as JSON', async () => {
  const answer = await fetch(`${await start(good)}/healthz`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toContain('application/json');
  expect(await answer.json()).toEqual({ ok: true, backlog: { count: 0 } });
});

test('alive and ready are two questions', async () => {
  const url = await start(good, async () => ({ ok: false, detail: { waitingFor: 'telegram' } }));
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  const ready = await fetch(`${url}/readyz`);
  expect([ready.status, await ready.json()]).toEqual([503, { ok: false, waitingFor: 'telegram' }]);
});

test('a store that fails is 503 without a word of its error, and 200 again when it is back', async () => {
  let broken = true;
  const url = await start(async () => {
    if (broken) throw new Error('password authentication failed for postgresql://assay:hunter22@db.example');
    return await good();
  });
  const failing = await fetch(`${url}/healthz`);
  const body = await failing.text();
  expect(failing.status).toBe(503);
  expect(JSON.parse(body)).toMatchObject({ ok: false });
  expect(body).not.toMatch(/hunter22|password|postgresql/);
  broken = false;
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

test('nothing else is served', async () => {
  const url = await start(good);
  for (const path of ['/', '/metrics', '/healthz/..%2f..', '/.env']) {
    expect((await fetch(url + path)).status, path).toBe(404);
  }
  expect((await fetch(`${url}/healthz`, { method: 'POST' })).status).toBe(404);
});

test('a client that keeps its connection open does not hold up the stop', async () => {
  const web = await startWeb({ host: '127.0.0.1', port: 0, live: good, ready: good });
  const agent = new Agent({ keepAlive: true });
  stops.push(() => agent.destroy());
  await new Promise<void>((resolve, reject) => {
    get({ port: web.port, host: '127.0.0.1', path: '/healthz', agent }, (response) => {
      response.resume().once('end', () => resolve());
    }).once('error', reject);
  });
  await web.stop();
  await expect(fetch(`http://127.0.0.1:${web.port}/healthz`)).rejects.toThrow();
});

test('a port that is taken is named, with the key that sets it', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  stops.push(() => void other.close());
  const port = (other.address() as { port: number }).port;
  const failure = startWeb({ host: '127.0.0.1', port, live: good, ready: good });
  await expect(failure).rejects.toThrow(AssayError);
  await expect(failure).rejects.toThrow(new RegExp(`HTTP_PORT.*127\\.0\\.0\\.1:${port}`));
});
