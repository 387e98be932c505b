import { expect, test } from 'vitest';
import { createLogger } from '../../src/lib/logger.ts';
import { Shutdown } from '../../src/lib/shutdown.ts';

function rig() {
  const lines: { step: string; err: { message: string } }[] = [];
  const logger = createLogger('warn', [], (line) => lines.push(JSON.parse(line) as (typeof lines)[number]));
  return { lines, logger, shutdown: new Shutdown(), order: [] as string[] };
}

test('what was built last stops first, one after the other', async () => {
  const { shutdown, logger, order, lines } = rig();
  for (const name of ['store', 'watch', 'discord']) {
    shutdown.add(name, async () => {
      order.push(`${name} begins`);
      await Promise.resolve();
      order.push(`${name} ends`);
    });
  }
  await shutdown.run(logger);
  expect(order).toEqual(['discord', 'watch', 'store'].flatMap((name) => [`${name} begins`, `${name} ends`]));
  expect(lines).toEqual([]);
});

test('the signal is given before the first step, so that what waits gives up', async () => {
  const { shutdown, logger } = rig();
  let aborted: boolean | undefined;
  expect(shutdown.signal.aborted).toBe(false);
  shutdown.add('loop', () => {
    aborted = shutdown.signal.aborted;
  });
  await shutdown.run(logger);
  expect(aborted).toBe(true);
});

test('a step that throws, rejects or hangs does not keep the others from stopping', async () => {
  const { shutdown, logger, order, lines } = rig();
  shutdown.add('store', () => void order.push('store'));
  shutdown.add('hangs', () => new Promise(() => undefined));
  shutdown.add('rejects', () => Promise.reject(new Error('no')));
  shutdown.add('throws', () => {
    throw new Error('never');
  });
  await shutdown.run(logger, 20);
  expect(order).toEqual(['store']);
  expect(lines.map(({ step, err }) => [step, err.message])).toEqual([
    ['throws', 'never'],
    ['rejects', 'no'],
    ['hangs', 'did not stop within 20 ms'],
  ]);
});

test('asked twice, by two signals, everything stops once', async () => {
  const { shutdown, logger, order } = rig();
  shutdown.add('store', async () => void order.push('store'));
  await Promise.all([shutdown.run(logger), shutdown.run(logger)]);
  await shutdown.run(logger);
  expect(order).toEqual(['store']);
});
