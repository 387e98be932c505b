import fc from 'fast-check';
import { expect, test } from 'vitest';
import { temporaryStore } from '../rigs/store.ts';
import { hostile } from './hostile.ts';
import { expectClear, expectSafeEverywhere } from './judgeView.ts';
import { botOn, callerOf, NOW_MS, placeOf, probeOf, recordOf, registryIsFresh, snapshotOf, teeIdOf } from './seed.ts';

/** A chain may hold any text but NUL, which PostgreSQL refuses and the decoder therefore drops before the store. */
const chainText = hostile.map((text) => text.replaceAll('\0', '').toWellFormed());

const endpoint = fc.oneof(
  chainText,
  chainText.map((text) => `https://gw.example/${text}`),
  chainText.map((text) => `https://${text}.example`),
);

test('whatever strangers write into the registry and answer to probes, every answer stays plain and within limits', {
  timeout: 120_000,
}, async () => {
  const { store, cleanup } = await temporaryStore();
  try {
    const bot = botOn(store);
    const nodes = fc.array(fc.record({ endpoint, detail: chainText, error: chainText }), {
      minLength: 8,
      maxLength: 8,
    });
    let round = 0;
    // Nodes stay, so an answer may show what an earlier round wrote.
    let told = '';
    await fc.assert(
      fc.asyncProperty(nodes, chainText, async (texts, typeName) => {
        // New ids each round, so that a node of the round before cannot stand in for one of this.
        const from = 100 * ++round;
        const records = texts.map(({ endpoint: text }, at) => recordOf(from + at, { endpoint: text, teeType: 0 }));
        await store.nodes.saveSnapshot(snapshotOf(records, { types: [{ id: 0, name: typeName }] }), NOW_MS);
        await registryIsFresh(store);
        for (const outcome of ['bad-response', 'wrong-identity'] as const) {
          await store.nodes.saveProbes(
            texts.map(({ detail, error }, at) =>
              probeOf(records[at] ?? recordOf(from), { outcome, detail, heartbeatLastError: error }),
            ),
          );
        }
        told += `${[typeName, ...texts.flatMap((one) => Object.values(one))].join('\n')}\n`;
        const place = placeOf('telegram');
        for (const question of [
          'network',
          'node list',
          'node list page:2',
          ...texts
            .slice(0, 3)
            .flatMap((_, at) => [
              `node status ${teeIdOf(from + at)}`,
              `node history ${teeIdOf(from + at)} 7d`,
              `alerts add node ${teeIdOf(from + at)}`,
            ]),
          'alerts list',
          'node status gw.example',
        ]) {
          const view = await bot.runText(question, callerOf('telegram'), place);
          expect(bot.reported).toEqual([]);
          expectClear(view, told);
          expectSafeEverywhere(view);
        }
        for (const option of ['node', 'type']) {
          const path = option === 'node' ? ['node', 'status'] : ['node', 'list'];
          for (const { label, value } of await bot.suggest(path, option, '')) {
            expect(label.isWellFormed() && value.isWellFormed(), label).toBe(true);
            expect(label.length * value.length).toBeGreaterThan(0);
          }
        }
      }),
      { numRuns: 25 },
    );
  } finally {
    await cleanup();
  }
});
