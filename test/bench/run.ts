// npm run bench [part …]: measures what users wait for, prints it, and writes it to docs/bench.md.
import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { openStore } from '../../src/store/openStore.ts';
import { startWorld, type World } from '../devnet/world.ts';
import { startBotProcess } from '../rigs/botProcess.ts';
import { ALERTS, benchAlert } from './alert.ts';
import { benchCharts } from './charts.ts';
import { benchCommands } from './commands.ts';
import { benchDelay } from './delay.ts';
import { benchFanOut } from './fanOut.ts';
import type { Figure } from './figures.ts';
import { benchKills } from './kills.ts';
import { benchLogs } from './logs.ts';
import { benchMetrics } from './metrics.ts';
import { benchProcess } from './process.ts';
import { benchProofs } from './proofs.ts';
import { benchReplay } from './replay.ts';
import { writeReport } from './report.ts';
import { benchSending } from './sending.ts';
import { benchSettlements } from './settlements.ts';
import { benchTrend } from './trend.ts';

const NODES = 1_000;
const REPORT = resolve(import.meta.dirname, '../../docs/bench.md');

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Registrations that beat never and listen nowhere: they are there to be many. */
async function crowd(world: World, count: number): Promise<void> {
  await world.network.chain.registerTees(
    Array.from({ length: count }, (_, index) => ({
      publicKeyDer: randomBytes(294),
      tlsCertificateDer: randomBytes(800),
      endpoint: `https://127.0.0.1:${1 + index}`,
      owner: `0x${(0xc0ffee + Math.floor(index / 3)).toString(16).padStart(40, '0')}` as const,
      teeType: index % 2,
    })),
  );
}

async function benchWorld(): Promise<Figure[]> {
  const world = await startWorld();
  try {
    await crowd(world, NODES - world.network.gateways.length);
    world.network.run(1);
    // The first start reads the registry into the database; the measured ones find it there.
    const first = await startBotProcess(world.env, world.folder);
    await first.kill('SIGTERM');
    const databaseUrl = world.env.DATABASE_URL as string;
    const commands = await benchCommands(databaseUrl);
    const store = await openStore({ databaseUrl });
    const ids = ((await store.nodes.facts())?.nodes ?? []).map(({ records }) => records[0]?.teeId as string);
    await store.close();
    const running = await benchProcess(world, ids);
    return [...commands, ...running];
  } finally {
    await world.close();
  }
}

async function benchSmallWorld(): Promise<Figure[]> {
  const world = await startWorld({ silent: ALERTS });
  try {
    return await benchAlert(world);
  } finally {
    await world.close();
  }
}

const PARTS: Record<string, () => Promise<Figure[]>> = {
  logs: benchLogs,
  settlements: benchSettlements,
  proofs: benchProofs,
  delay: benchDelay,
  metrics: benchMetrics,
  replay: benchReplay,
  trend: benchTrend,
  charts: benchCharts,
  world: benchWorld,
  fanOut: benchFanOut,
  sending: benchSending,
  alert: benchSmallWorld,
  kills: benchKills,
};
const asked = process.argv.slice(2);
const unknown = asked.find((name) => !(name in PARTS));
if (unknown !== undefined) throw new Error(`there is no part ${unknown}: ${Object.keys(PARTS).join(', ')}`);

for (const [name, part] of Object.entries(PARTS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const figures = await part();
  for (const { what, measured, target, met, comparedTo } of figures) {
    const verdict = met === null ? '' : met ? '  met' : '  MISSED';
    say(`${what}: ${measured}${target ? ` (target ${target})` : ''}${verdict}  ${comparedTo}`);
  }
  writeReport(REPORT, Object.keys(PARTS), name, figures);
}
say(`written: ${REPORT}`);
