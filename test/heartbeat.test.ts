import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runHeartbeat } from '../src/heartbeat.ts';
import { createLogger } from '../src/lib/logger.ts';
import { SteppingClock } from './support/steppingClock.ts';

let server: Server;
let url: string;
let asked: number;
let status: number;
let log: string[];

beforeEach(async () => {
  asked = 0;
  status = 200;
  log = [];
  server = createServer((_, response) => {
    asked += 1;
    response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end();
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ping/5f2c8a`;
});
afterEach(() => void server.close());

/** One round for each value of `working`. */
async function run(working: readonly (boolean | Error)[]): Promise<SteppingClock> {
  const clock = new SteppingClock();
  const controller = new AbortController();
  let round = 0;
  await runHeartbeat(
    {
      url,
      everyMs: 60_000,
      clock,
      logger: createLogger('debug', [], (line) => log.push(line)),
      async isWorking() {
        const now = working[round];
        round += 1;
        if (round > working.length) controller.abort();
        if (now instanceof Error) throw now;
        return now ?? false;
      },
    },
    controller.signal,
  );
  return clock;
}

const warnings = (): number => log.filter((line) => line.includes('"level":40')).length;

test('the watcher is told every interval while the bot works, and hears nothing while it does not', async () => {
  const clock = await run([true, true, false, false, true]);
  expect(asked).toBe(3);
  expect(clock.slept[0]).toBe(60_000);
  expect(warnings()).toBe(1);
});

test('a store that cannot be asked is silence, not an end', async () => {
  await run([new Error('database is locked'), true]);
  expect(asked).toBe(1);
});

test('an answer that is no success is logged once, and so is its end', async () => {
  status = 500;
  await run([true, true]);
  expect(warnings()).toBe(1);
  status = 200;
  await run([true]);
  expect(warnings()).toBe(1);
});

test('a redirect is not followed', async () => {
  status = 302;
  await run([true]);
  expect(asked).toBe(1);
  expect(log.join('')).toContain('302');
});
