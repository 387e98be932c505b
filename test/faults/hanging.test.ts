import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startWorld, type World } from '../devnet/world.ts';
import { type AssayProcess, spawnAssay } from '../rigs/assayProcess.ts';
import { RPC_FAULTS } from '../rigs/rpcProxy.ts';

/** Orchestrators send SIGKILL after 10 s. */
const STOP_WITHIN_MS = 8_000;

let world: World;
let bot: AssayProcess | null = null;

beforeEach(async () => {
  world = await startWorld({ gateways: 2, startSeconds: Math.floor(Date.now() / 1000) - 600 });
  world.network.run(1, 200);
});
afterEach(async () => {
  bot?.signal('SIGKILL');
  await bot?.ended;
  bot = null;
  await world.close();
});

function start(): AssayProcess {
  bot = spawnAssay(['start'], { ...world.env, HTTP_PORT: '0', LOG_LEVEL: 'info' }, world.folder, { limitMs: 60_000 });
  return bot;
}

async function healthOf(starting: AssayProcess): Promise<(path: 'healthz' | 'readyz') => Promise<Response>> {
  const [, port] = await starting.printed(/"httpPort":(\d+)/);
  return (path) => fetch(`http://127.0.0.1:${port}/${path}`);
}

async function expectStopInTime(stopping: AssayProcess): Promise<void> {
  const askedAt = performance.now();
  stopping.signal('SIGTERM');
  expect(await stopping.ended).toMatchObject({ code: 0 });
  expect(performance.now() - askedAt).toBeLessThan(STOP_WITHIN_MS);
}

test('a start that waits for the network is alive, and ready once the network answers', async () => {
  const answers = Promise.withResolvers<void>();
  world.rpc.inject('*', { kind: 'wait', until: answers.promise });
  const starting = start();
  const health = await healthOf(starting);
  await expect.poll(() => world.rpc.calls.length, { timeout: 15_000 }).toBeGreaterThan(0);
  expect((await health('healthz')).status).toBe(200);
  const ready = await health('readyz');
  expect([ready.status, await ready.json()]).toEqual([503, expect.objectContaining({ ok: false, starting: true })]);
  expect(starting.output()).not.toContain('"msg":"ready"');

  world.rpc.heal();
  answers.resolve();
  await starting.printed(/"msg":"ready"/);
  await expect.poll(async () => (await health('readyz')).status, { timeout: 15_000 }).toBe(200);
});

test('stops in time while it starts and no RPC answers', async () => {
  world.rpc.inject('*', RPC_FAULTS.hang);
  const starting = start();
  await healthOf(starting);
  await expect.poll(() => world.rpc.calls.length, { timeout: 15_000 }).toBeGreaterThan(0);
  await expectStopInTime(starting);
});

test('stops in time while neither an RPC nor a gateway answers', async () => {
  const working = start();
  await working.printed(/"msg":"ready"/);
  for (const gateway of world.network.gateways) gateway.fault = 'slow';
  const asked = world.rpc.calls.length;
  world.rpc.inject('*', RPC_FAULTS.hang);
  await expect.poll(() => world.rpc.calls.length, { timeout: 15_000 }).toBeGreaterThan(asked);
  // Gateways are asked every second: by now these questions hang as well.
  await delay(1_500);
  await expectStopInTime(working);
});
