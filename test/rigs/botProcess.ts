import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type AssayProcess, spawnAssay } from './assayProcess.ts';

const PACKAGE = resolve(import.meta.dirname, '../../package.json');

export interface BotProcess extends Pick<AssayProcess, 'pid' | 'output'> {
  /** Milliseconds from spawning to the `ready` line. */
  readyMs: number;
  /** Resolves with the exit code, or null after a signal. */
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null>;
}

/** The flags that `npm start` gives to Node. */
export function nodeFlags(): string[] {
  const { scripts } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { scripts: { start: string } };
  return scripts.start.split(' ').filter((word) => word.startsWith('--'));
}

/** `npm start` as a process of its own; resolves when it says that it is ready. */
export async function startBotProcess(env: Record<string, string>, cwd: string): Promise<BotProcess> {
  const startedAt = performance.now();
  const options = { nodeFlags: nodeFlags(), limitMs: null };
  const bot = spawnAssay(['start'], { ...env, LOG_LEVEL: 'info' }, cwd, options);
  await bot.printed(/"msg":"ready"/);
  const readyMs = performance.now() - startedAt;
  return {
    pid: bot.pid,
    output: bot.output,
    readyMs,
    async kill(signal) {
      bot.signal(signal);
      return (await bot.ended).code;
    },
  };
}
