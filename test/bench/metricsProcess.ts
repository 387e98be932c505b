// node test/bench/metricsProcess.ts: all metrics of a set of as many holders as its input says (a MetricsJob); prints Measured.
import { metricsOf } from '../../src/insight/concentration.ts';
import type { SetMetrics } from '../../src/lib/influence.ts';
import { answerApart } from './apart.ts';
import { type Strain, strained, threadMs } from './strain.ts';

export interface MetricsJob {
  holders: number;
}

export interface Measured extends Strain {
  metrics: SetMetrics;
  /** CPU time of its thread. */
  threadMs: number;
}

/** Balances in wei as they are spread among holders: few large ones, many small ones, in no order. */
export function balances(count: number): bigint[] {
  let seed = 1n;
  return Array.from({ length: count }, (_, at) => {
    seed = (seed * 6_364_136_223_846_793_005n + 1_442_695_040_888_963_407n) & ((1n << 64n) - 1n);
    const rank = BigInt(1 + ((at * 7_919) % count));
    return 10n ** 27n / rank / rank ** (rank > 1_000n ? 1n : 0n) + (seed >> 20n);
  });
}

if (import.meta.main) {
  await answerApart<MetricsJob>(async ({ holders }): Promise<Measured> => {
    const weights = balances(holders);
    let metrics: SetMetrics | undefined;
    let used = 0;
    const strain = await strained(async () => {
      const before = threadMs();
      metrics = metricsOf(weights);
      used = threadMs() - before;
    });
    return { ...strain, metrics: metrics as SetMetrics, threadMs: used };
  });
}
