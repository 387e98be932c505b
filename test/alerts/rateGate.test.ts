import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createRateGate } from '../../src/alerts/rateGate.ts';
import type { PlatformName } from '../../src/lib/delivery.ts';
import { chat } from './deliveryRig.ts';

// The gate takes its time from the machine; here that is turned by hand.
beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Starts a job for each chat at once; answers when each began, in milliseconds from now. */
async function beginnings(platform: PlatformName, chats: readonly string[], forMs: number): Promise<number[][]> {
  const gate = createRateGate(platform);
  const start = Date.now();
  const began = new Map<string, number[]>();
  for (const id of chats) {
    void gate.run(chat(id, platform), async () => {
      began.set(id, [...(began.get(id) ?? []), Date.now() - start]);
    });
  }
  await vi.advanceTimersByTimeAsync(forMs);
  return [...began.values()];
}

const gaps = (times: readonly number[]): number[] => times.slice(1).map((at, index) => at - (times[index] as number));

/** The most that began within any second. */
const mostInSecond = (times: readonly number[]): number =>
  Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 1_000).length));

test('a Telegram group gets at most twenty messages a minute', async () => {
  const [times = []] = await beginnings('telegram', new Array(21).fill('-100'), 61_000);
  expect(times).toHaveLength(21);
  for (const gap of gaps(times)) expect(gap).toBeGreaterThanOrEqual(3_000);
});

test('a Telegram person gets at most one a second', async () => {
  const [times = []] = await beginnings('telegram', new Array(4).fill('100'), 5_000);
  expect(times).toHaveLength(4);
  for (const gap of gaps(times)) expect(gap).toBeGreaterThanOrEqual(1_000);
});

test('all Telegram chats together get at most thirty a second, and not much less', async () => {
  const times = await beginnings(
    'telegram',
    Array.from({ length: 100 }, (_, id) => String(id + 1)),
    60_000,
  );
  const all = times.flat().sort((a, b) => a - b);
  expect(all).toHaveLength(100);
  expect(mostInSecond(all)).toBe(30);
  expect(all.at(-1)).toBeLessThanOrEqual(4_000);
});

test('a message that waited for the token counts in its chat from when it began', async () => {
  const gate = createRateGate('telegram');
  const began: number[] = [];
  for (let id = 1; id <= 30; id += 1) void gate.run(chat(String(id), 'telegram'), async () => undefined);
  for (let nth = 0; nth < 2; nth += 1) void gate.run(chat('100', 'telegram'), async () => void began.push(Date.now()));
  await vi.advanceTimersByTimeAsync(5_000);
  expect(gaps(began)[0]).toBeGreaterThanOrEqual(1_000);
});

test('Discord gets at most fifty a second, a chat by itself as many', async () => {
  const [times = []] = await beginnings('discord', new Array(100).fill('10001'), 60_000);
  expect(times).toHaveLength(100);
  expect(mostInSecond(times)).toBe(50);
  expect(times.at(-1)).toBeLessThanOrEqual(2_500);
});

test('what a platform takes within a second goes at once after a silence', async () => {
  const times = await beginnings('discord', new Array(50).fill('10001'), 200);
  expect(times.flat()).toHaveLength(50);
});

test('a message that took long to arrive counts from then', async () => {
  const gate = createRateGate('discord');
  const arrived: number[] = [];
  // All but the first of a second are there at once.
  for (let nth = 0; nth < 120; nth += 1)
    void gate.run(chat('1'), async () => {
      if (nth % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 400));
      arrived.push(Date.now());
    });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(arrived).toHaveLength(120);
  expect(mostInSecond(arrived)).toBeLessThanOrEqual(50);
});

test('a chat that was silent for a while is not made to wait, and its pace holds again', async () => {
  const gate = createRateGate('telegram');
  const began: number[] = [];
  const run = () => gate.run(chat('-100', 'telegram'), async () => void began.push(Date.now()));
  void run();
  await vi.advanceTimersByTimeAsync(10);
  await vi.advanceTimersByTimeAsync(3_600_000);
  const start = Date.now();
  void run();
  void run();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(began).toHaveLength(3);
  expect((began[1] as number) - start).toBeLessThanOrEqual(10);
  expect(gaps(began)[1]).toBeGreaterThanOrEqual(3_000);
});

test('what a job answers or throws comes through, and a failure does not stop the next', async () => {
  const gate = createRateGate('discord');
  const failed = expect(gate.run(chat('1'), () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  const next = gate.run(chat('1'), async () => 7);
  await vi.advanceTimersByTimeAsync(100);
  await failed;
  expect(await next).toBe(7);
});

test('after stop nothing begins any more, and what is under way is not waited for', async () => {
  const gate = createRateGate('discord');
  void gate.run(chat('1'), () => new Promise(() => undefined));
  await vi.advanceTimersByTimeAsync(5);
  let begun = false;
  const refused = [1, 2].map(() => expect(gate.run(chat('2'), async () => (begun = true))).rejects.toThrow());
  gate.stop();
  refused.push(expect(gate.run(chat('3'), async () => (begun = true))).rejects.toThrow());
  await vi.advanceTimersByTimeAsync(1_000);
  await Promise.all(refused);
  expect(begun).toBe(false);
});
