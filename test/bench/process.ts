import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { World } from '../devnet/world.ts';
import { startBotProcess } from '../rigs/botProcess.ts';
import { question } from './commands.ts';
import { type Figure, ms, quantileOf, thousands } from './figures.ts';

const STARTS = 5;
const ASKED = 2_000;
/** Questions under way at the same time. */
const AT_ONCE = 8;

const rssMb = (pid: number): number =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024);

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);

/** The real process on a database with history and a chain with as many nodes: how fast it starts, how much it holds. */
export async function benchProcess(world: World, ids: readonly string[]): Promise<Figure[]> {
  const env = { ...world.env, OG_POLL_INTERVAL_MS: '1000', OG_PROBE_INTERVAL_SECONDS: '60' };
  const starts: number[] = [];
  for (let nth = 0; nth < STARTS; nth += 1) {
    const bot = await startBotProcess(env, world.folder);
    starts.push(bot.readyMs);
    await bot.kill('SIGTERM');
  }
  const bot = await startBotProcess(env, world.folder);
  await delay(15_000);
  const idleMb = rssMb(bot.pid);
  // Each person asks in a chat of their own, as many people would.
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async (_, person) => {
      const user = world.telegram.user(`Reader ${person}`);
      const chat = world.telegram.chats.private(user);
      for (let nth = person; nth < ASKED; nth += AT_ONCE) {
        const before = world.telegram.calls.length;
        world.telegram.sendText(chat, user, question(nth, ids));
        await world.telegram.until(() => answered(world, chat.id, before), 30_000);
      }
    }),
  );
  const askedMs = performance.now() - startedAt;
  const afterMb = rssMb(bot.pid);
  const drawingMb = childrenOf(bot.pid).reduce((sum, pid) => sum + rssMb(pid), 0);
  await bot.kill('SIGTERM');
  const start = quantileOf(starts, 0.5);
  return [
    {
      what: `Start to ready (real process, both chats connected, registry of ${thousands(ids.length)} nodes read), median of ${STARTS}`,
      measured: ms(start),
      target: '<= 3 s',
      met: start <= 3_000,
      comparedTo: '',
    },
    { what: 'RSS when idle', measured: `${idleMb} MB`, target: '<= 256 MB', met: idleMb <= 256, comparedTo: '' },
    {
      what: `RSS after ${thousands(ASKED)} questions over Telegram, a quarter of them with a picture`,
      measured: `${afterMb} MB`,
      target: '<= 256 MB',
      met: afterMb <= 256,
      comparedTo: `${Math.round((ASKED / askedMs) * 1000)} answers/s with ${AT_ONCE} asking at once`,
    },
    {
      what: 'RSS of the process that draws pictures, beside it; it ends a minute after the last one',
      measured: `${drawingMb} MB`,
      target: '',
      met: null,
      comparedTo: '',
    },
  ];
}

/** Has the bot written to that chat since? By the recorded calls, which cost less to look at than the messages. */
const answered = (world: World, chatId: number, since: number): boolean =>
  world.telegram.calls
    .slice(since)
    .some(
      ({ method, parameters, code }) =>
        /^send(Message|Photo)$/.test(method) && Number(parameters.chat_id) === chatId && code === 200,
    );
