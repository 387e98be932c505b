import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Dialect } from '../../src/store/client.ts';
import { DIALECTS } from '../rigs/store.ts';
import type { FanOut, Way } from './fanOutProcess.ts';
import { type Figure, ms, thousands } from './figures.ts';

const CHATS = 100_000;
const TARGET_MS = 3_000;
const TARGET_MB = 100;
const NAMES = { sqlite: 'SQLite', postgresql: 'PostgreSQL' };

/** One incident that concerns 100,000 subscribed chats, and the same rows written through Prisma's own calls. */
export async function benchFanOut(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const dialect of DIALECTS) {
    const ours = await measure(dialect, 'store');
    const prisma = await measure(dialect, 'prisma');
    figures.push(...figuresOf(dialect, ours, prisma));
  }
  return figures;
}

/** Each in a process of its own, so that its memory is its own. */
async function measure(dialect: Dialect, way: Way): Promise<FanOut> {
  const script = resolve(import.meta.dirname, 'fanOutProcess.ts');
  const child = spawn(process.execPath, [script, dialect, way, String(CHATS)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (code !== 0) throw new Error(`the fan-out on ${dialect} ended with ${code}`);
  return JSON.parse(output) as FanOut;
}

function figuresOf(dialect: Dialect, ours: FanOut, prisma: FanOut): Figure[] {
  const on = NAMES[dialect];
  return [
    {
      what: `One incident matched and queued for ${thousands(CHATS)} subscribed chats on ${on}`,
      measured: ms(ours.firedMs),
      target: `<= ${TARGET_MS / 1000} s`,
      met: ours.firedMs <= TARGET_MS,
      comparedTo: `${(prisma.firedMs / ours.firedMs).toFixed(1)} times as fast as reading the subscriptions and \`createMany\` of the same rows with Prisma (${ms(prisma.firedMs)})`,
    },
    {
      what: `Growth of the process at its highest meanwhile, ${on}`,
      measured: `${ours.grewMb} MB`,
      target: `<= ${TARGET_MB} MB`,
      met: ours.grewMb <= TARGET_MB,
      comparedTo: `${prisma.grewMb} MB with Prisma's calls`,
    },
    {
      what: `The next ${ours.claimed} messages of ${thousands(CHATS)} that wait, claimed on ${on}`,
      measured: ms(ours.claimMs),
      target: '',
      met: null,
      comparedTo: 'median of 20 claims',
    },
    {
      what: `The end of that incident queued for ${thousands(CHATS)} chats that were told of it, ${on}`,
      measured: ms(ours.resolvedMs),
      target: '',
      met: null,
      comparedTo: '',
    },
  ];
}
