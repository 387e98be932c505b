import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Clock } from '../../src/lib/clock.ts';
import { type Holder, LEASE_MS } from '../../src/store/lease.ts';
import type { Store } from '../../src/store/store.ts';
import { type DatabaseRig, DIALECTS, startDatabases } from '../rigs/store.ts';
import { SteppingClock } from '../support/steppingClock.ts';

const signal = new AbortController().signal;
const alive = (host: string, pid: number): Holder => ({ host, pid, isAlive: () => true });

/** Short sleeps, of whoever waits for the lease, take no time; the long one before renewing ends when the test says so. */
class LeaseClock extends SteppingClock {
  tick: () => void = () => undefined;

  override async sleep(ms: number, until?: AbortSignal): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (until?.aborted) return;
    if (ms > 1_000) {
      await new Promise<void>((resolve) => {
        this.tick = resolve;
        until?.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    await super.sleep(ms, until);
  }
}

describe.each(DIALECTS)('the lease on %s', (dialect) => {
  let rig: DatabaseRig;
  let one: Store;
  let two: Store;

  beforeAll(async () => {
    rig = await startDatabases(dialect);
  });
  afterAll(() => rig.close());
  beforeEach(async () => {
    const url = await rig.emptyDatabase();
    one = await rig.open(url);
    two = await rig.open(url);
  });

  test('one process has it; the next gets it when it is given up', async () => {
    const lease = await one.takeLease(new LeaseClock(), alive('a', 1), signal);
    await lease.release();
    await (await two.takeLease(new LeaseClock(), alive('b', 2), signal)).release();
  });

  test('a second process is refused, and told who has it, as soon as the first renews', async () => {
    const held = new LeaseClock();
    const lease = await one.takeLease(held, alive('a', 1), signal);
    const waiting: Clock = {
      now: () => held.now(),
      sleep: async () => {
        held.tick();
        await new Promise((resolve) => setTimeout(resolve, 10));
      },
    };
    await expect(two.takeLease(waiting, alive('b', 2), signal)).rejects.toThrow(
      /in use by another Assay \(process 1 on a\)/,
    );
    await lease.release();
  });

  test('a holder that was cut off is waited for until its lease ends, and then hears that it lost it', async () => {
    const held = new LeaseClock();
    const lease = await one.takeLease(held, alive('a', 1), signal);
    const clock = new LeaseClock(held.now());
    const next = await two.takeLease(clock, alive('b', 2), signal);
    expect(clock.slept.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThanOrEqual(LEASE_MS);
    held.tick();
    expect((await lease.lost).message).toMatch(/process 2 on b/);
    await next.release();
  });

  test('a process of this host that was killed is not waited for, nor this one in an earlier life', async () => {
    await one.takeLease(new LeaseClock(), alive('a', 1), signal);
    const clock = new LeaseClock();
    const second = await two.takeLease(clock, { host: 'a', pid: 2, isAlive: () => false }, signal);
    expect(clock.slept).toEqual([]);
    await two.takeLease(clock, { host: 'a', pid: 2, isAlive: () => true }, signal);
    expect(second).toBeDefined();
  });

  test('of many that try at once one gets it', async () => {
    const stop = new AbortController();
    let taken = 0;
    const clock = new LeaseClock();
    const tries = [1, 2, 3, 4].map(async (pid) => {
      await (pid % 2 === 0 ? one : two).takeLease(clock, alive(`host ${pid}`, pid), stop.signal);
      taken += 1;
    });
    await Promise.race(tries);
    stop.abort();
    clock.tick();
    await Promise.allSettled(tries);
    expect(taken).toBe(1);
  });
});
