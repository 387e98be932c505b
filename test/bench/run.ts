// npm run bench: measures what users wait for, prints it, and writes docs/bench.md. With names of parts: only prints.
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { resolve } from 'node:path';
import { openStore } from '../../src/store/openStore.ts';
import { startWorld, type World } from '../devnet/world.ts';
import { startBotProcess } from '../rigs/botProcess.ts';
import { benchAlert } from './alert.ts';
import { benchCommands } from './commands.ts';
import type { Figure } from './figures.ts';
import { benchLogs } from './logs.ts';
import { benchProcess } from './process.ts';

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
  const world = await startWorld();
  try {
    return await benchAlert(world);
  } finally {
    await world.close();
  }
}

function report(figures: readonly Figure[]): string {
  const rows = figures.map(({ what, measured, target, met, comparedTo }) => {
    const verdict = met === null ? '' : met ? 'met' : '**missed**';
    return `| ${what} | ${measured} | ${target} | ${verdict} | ${comparedTo} |`;
  });
  return [
    '# Bench',
    '',
    `Written by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'}).`,
    'Everything runs on this one machine: the node, both chat rigs, and what is measured. Absolute figures are this',
    'machine’s; compare ratios.',
    '',
    '| What | Measured | Target | | Compared to |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

const PARTS: Record<string, () => Promise<Figure[]>> = { logs: benchLogs, world: benchWorld, alert: benchSmallWorld };
const asked = process.argv.slice(2);
const unknown = asked.find((name) => !(name in PARTS));
if (unknown !== undefined) throw new Error(`there is no part ${unknown}: ${Object.keys(PARTS).join(', ')}`);

const figures: Figure[] = [];
for (const [name, part] of Object.entries(PARTS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  for (const figure of await part()) {
    figures.push(figure);
    const verdict = figure.met === null ? '' : figure.met ? '  met' : '  MISSED';
    say(
      `${figure.what}: ${figure.measured}${figure.target ? ` (target ${figure.target})` : ''}${verdict}  ${figure.comparedTo}`,
    );
  }
}
if (asked.length === 0) {
  writeFileSync(REPORT, report(figures));
  say(`written: ${REPORT}`);
}
