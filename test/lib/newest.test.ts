import { expect, test } from 'vitest';
import { Newest } from '../../src/lib/newest.ts';

/** A clock whose pauses end when told, or when they are broken off. */
function pauses() {
  const ends: (() => void)[] = [];
  return {
    next: () => ends.shift()?.(),
    clock: {
      sleep: (_: number, signal?: AbortSignal) =>
        new Promise<void>((resolve) => {
          ends.push(resolve);
          signal?.addEventListener('abort', () => resolve());
          if (signal?.aborted) resolve();
        }),
    },
  };
}
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

test('the first is shown at once, then the newest of those that came meanwhile', async () => {
  const shown: number[] = [];
  const { clock, next } = pauses();
  const newest = new Newest<number>(async (value) => shown.push(value), clock, 1_000);
  for (const value of [1, 2, 3]) newest.offer(value);
  await settled();
  expect(shown).toEqual([1]);
  next();
  await settled();
  expect(shown).toEqual([1, 3]);
});

test('what cannot be shown does not keep the next from being shown', async () => {
  const shown: number[] = [];
  const { clock, next } = pauses();
  const show = async (value: number) => {
    if (value === 1) throw new Error('429');
    shown.push(value);
  };
  const newest = new Newest<number>(show, clock, 1_000);
  newest.offer(1);
  newest.offer(2);
  await settled();
  next();
  await settled();
  expect(shown).toEqual([2]);
});

test('the end waits for what is being shown, and nothing is shown after it', async () => {
  const shown: number[] = [];
  const { clock } = pauses();
  const slow = Promise.withResolvers<void>();
  const newest = new Newest<number>(
    async (value) => {
      await slow.promise;
      shown.push(value);
    },
    clock,
    1_000,
  );
  newest.offer(1);
  newest.offer(2);
  const ended = newest.end();
  newest.offer(3);
  slow.resolve();
  await ended;
  expect(shown).toEqual([1]);
});

test('it goes on after a rest', async () => {
  const shown: number[] = [];
  const { clock, next } = pauses();
  const newest = new Newest<number>(async (value) => shown.push(value), clock, 1_000);
  newest.offer(1);
  await settled();
  next();
  await settled();
  newest.offer(2);
  await settled();
  expect(shown).toEqual([1, 2]);
});
