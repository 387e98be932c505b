import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const READY_MS = 20_000;

/** What `npm start` gives to Node. */
function startArguments(): string[] {
  const { scripts } = JSON.parse(readFileSync(resolve(ROOT, 'package.json'), 'utf8')) as { scripts: { start: string } };
  const [, ...words] = scripts.start.split(' ');
  return words.map((word) => (word.startsWith('src/') ? resolve(ROOT, word) : word));
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export interface BotProcess {
  pid: number;
  /** Milliseconds from spawning to the `ready` line. */
  readyMs: number;
  /** Everything printed so far. */
  output(): string;
  /** Resolves with the exit code, or null after a signal. */
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null>;
}

/** `npm start` as a process of its own; resolves when it says that it is ready. */
export async function startBotProcess(env: Record<string, string>, cwd: string): Promise<BotProcess> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, startArguments(), {
    cwd,
    env: { PATH: process.env.PATH ?? '', ...env, LOG_LEVEL: 'info' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const exited = new Promise<number | null>((done) =>
    child.once('exit', (code) => {
      running.delete(child);
      done(code);
    }),
  );
  let output = '';
  await new Promise<void>((ready, fail) => {
    const timer = setTimeout(() => fail(new Error(`not ready within ${READY_MS} ms:\n${output}`)), READY_MS);
    const read = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-50_000);
      if (!/"msg":"ready"/.test(output)) return;
      clearTimeout(timer);
      ready();
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    void exited.then((code) => fail(new Error(`ended with ${code} before it was ready:\n${output}`)));
  });
  return {
    pid: child.pid as number,
    readyMs: performance.now() - startedAt,
    output: () => output,
    async kill(signal) {
      child.kill(signal);
      return await exited;
    },
  };
}
