// Draws the pictures of /influence and /gov for the documents with the project's own code, from the answers of the commands themselves.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { drawChart } from '../src/charts/draw.ts';
import { openStore } from '../src/store/openStore.ts';
import { governanceCharts } from '../test/support/governanceCharts.ts';

const IMAGES = resolve(import.meta.dirname, '../docs/images');

const folder = mkdtempSync(join(tmpdir(), 'assay-picture-'));
const store = await openStore({ databaseUrl: `file:${join(folder, 'picture.db')}` });
try {
  for (const [name, chart] of await governanceCharts(store)) {
    writeFileSync(join(IMAGES, `${name}.png`), drawChart(chart));
  }
} finally {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
}
