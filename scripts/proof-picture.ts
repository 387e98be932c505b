// Draws the picture of /proof delay for the documents with the project's own code: a week with a slow night.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { drawChart } from '../src/charts/draw.ts';
import { TERMINAL_CALLER, TERMINAL_PLACE } from '../src/platforms/terminal/prompt.ts';
import { openStore } from '../src/store/openStore.ts';
import { botOn, NOW, seedNetwork } from '../test/bot/seed.ts';
import { type Settled, seedSettlements } from '../test/bot/seedProofs.ts';

const PICTURE = resolve(import.meta.dirname, '../docs/images/proof-delay.png');
const HOURS = 168;

const folder = mkdtempSync(join(tmpdir(), 'assay-picture-'));
const store = await openStore({ databaseUrl: `file:${join(folder, 'picture.db')}` });
try {
  await seedNetwork(store, 4);
  const settlements = Array.from({ length: HOURS * 2 }, (_, at): Settled[] => {
    const atSeconds = NOW - HOURS * 3_600 + at * 1_800;
    const hour = at / 2;
    // A night in which nothing is settled, and a morning that catches up.
    if (hour >= 86 && hour < 95) return [];
    const late = hour >= 95 && hour < 107 ? 1_100 : 0;
    const busy = 1 + 0.35 * Math.sin((hour / 24) * 2 * Math.PI);
    const waited = (one: number): number => Math.round(busy * (180 + ((at * 37 + one * 53) % 560)) + late);
    const single = Math.round(busy * (14 + ((at * 29) % 50)) + (at % 23 === 0 ? 110 : 0));
    return [
      {
        ...{ kind: 'batch', atSeconds },
        answers: Array.from({ length: 12 }, (_, one) => ({ signedAtSeconds: atSeconds - waited(one), node: one % 4 })),
      },
      ...[0, 1, 2].map(
        (one): Settled => ({
          ...{ kind: 'individual', atSeconds: atSeconds + one },
          answers: [{ signedAtSeconds: atSeconds - single - one * 9, node: one }],
        }),
      ),
    ];
  });
  await seedSettlements(store, settlements.flat());
  const { chart } = await botOn(store).runText('/proof delay 7d', TERMINAL_CALLER, TERMINAL_PLACE);
  if (chart === undefined) throw new Error('the answer has no chart');
  writeFileSync(PICTURE, drawChart(chart));
} finally {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
}
