import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { resolve } from 'node:path';
import { json, text } from 'node:stream/consumers';
import { nodeFlags } from '../rigs/botProcess.ts';

/** What a script of this folder prints as JSON, run in a process of its own with the flags and the allocator of the bot. */
export async function runApart<Result>(script: string, job: object): Promise<Result> {
  const file = resolve(import.meta.dirname, script);
  const child = spawn(process.execPath, [...nodeFlags(), file], {
    env: { ...process.env, MALLOC_ARENA_MAX: '2' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const die = (): void => void child.kill('SIGKILL');
  process.once('exit', die);
  child.stdin.end(JSON.stringify(job));
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  process.off('exit', die);
  if (code !== 0) throw new Error(`${script} ended with ${code}`);
  return JSON.parse(output) as Result;
}

/** The other side: does the job that this process was given. */
export async function answerApart<Job>(work: (job: Job) => Promise<object>): Promise<void> {
  const result = await work((await json(process.stdin)) as Job);
  process.stdout.write(JSON.stringify(result));
}

/** For whoever compares: what else this machine is busy with. */
export const load = (): string => `load average ${(loadavg()[0] ?? 0).toFixed(1)}`;
