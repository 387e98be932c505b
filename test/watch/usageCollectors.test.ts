import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EvmClient } from '../../src/sources/evm/client.ts';
import { FacilitatorCollector } from '../../src/watch/facilitatorCollector.ts';
import { PaymentCollector } from '../../src/watch/paymentCollector.ts';
import { serveFacilitator, UsageCount } from '../devnet/facilitatorServer.ts';
import { startPayments } from '../devnet/payments.ts';
import { type TemporaryStore, temporaryStore } from '../rigs/store.ts';
import { SteppingClock } from '../support/steppingClock.ts';

const signal = new AbortController().signal;
const DAY_SECONDS = 86_400;

let rig: TemporaryStore;
let clock: SteppingClock;

beforeEach(async () => {
  rig = await temporaryStore();
  clock = new SteppingClock();
});
afterEach(() => rig.cleanup());

const rise = async (source: 'facilitator' | 'base'): Promise<number | undefined> =>
  (await rig.store.proofs.usageRise(source, 0, clock.now()))?.rise;

describe('the facilitator', () => {
  let usage: UsageCount;
  let server: Awaited<ReturnType<typeof serveFacilitator>>;
  let collector: FacilitatorCollector;

  beforeEach(async () => {
    usage = new UsageCount(() => Math.floor(clock.now() / 1000));
    server = await serveFacilitator(usage);
    collector = new FacilitatorCollector({ url: server.url, store: rig.store, clock });
  });
  afterEach(() => server.close());

  test('is read by day, and as a counter', async () => {
    usage.add(5);
    await collector.collect(signal);
    usage.add(7);
    clock.advance(300_000);
    expect(await collector.collect(signal)).toEqual({ kind: 'fresh' });
    expect(await rise('facilitator')).toBe(7);
    expect(await rig.store.proofs.usageDays('2000-01-01')).toMatchObject([{ day: '2026-11-21', requests: 12 }]);
  });

  test('counts no use where a day leaves its window', async () => {
    usage.add(100, Math.floor(clock.now() / 1000) - 89 * DAY_SECONDS);
    usage.add(5);
    await collector.collect(signal);
    clock.advance(DAY_SECONDS * 1000);
    usage.add(2);
    await collector.collect(signal);
    expect(await rise('facilitator')).toBe(2);
  });

  test.each(['error', 'html', 'wrong-shape', 'missing'] as const)(
    'that answers with %s is not known, not zero',
    async (fault) => {
      usage.add(5);
      await collector.collect(signal);
      server.state.fault = fault;
      clock.advance(300_000);
      await expect(collector.collect(signal)).rejects.toThrow('the facilitator');
      expect(await rise('facilitator')).toBeUndefined();
    },
  );
});

describe('payments', () => {
  let base: Awaited<ReturnType<typeof startPayments>>;
  const make = (): PaymentCollector => {
    const client = new EvmClient({ urls: [base.chain.rpcUrl], chainId: 8_453, clock, random: () => 0.5 });
    const payees = [base.env.BASE_PAYEES];
    return new PaymentCollector({ client, store: rig.store, clock, chainId: 8_453, token: base.token, payees });
  };
  beforeEach(async () => {
    base = await startPayments(Math.floor(clock.now() / 1000));
  });
  afterEach(() => base.close());

  test('are counted from the first round on, also over a restart, each once', async () => {
    await base.pay(9);
    await make().collect(signal);
    await base.pay(3);
    clock.advance(60_000);
    const collector = make();
    await collector.collect(signal);
    expect(await rise('base')).toBe(3);
    await collector.collect(signal);
    await base.pay(2);
    await base.pay(4, { payee: '0x2222222222222222222222222222222222222222' });
    clock.advance(60_000);
    await make().collect(signal);
    expect(await rise('base')).toBe(5);
  });
});
