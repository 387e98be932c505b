import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

const MAIN = resolve(import.meta.dirname, '../../src/main.ts');
const LIMIT_MS = 30_000;

export interface SpawnOptions {
  /** Flags of Node itself, before the program. */
  nodeFlags?: readonly string[];
  /** Killed after this; null: never. */
  limitMs?: number | null;
}

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface AssayProcess {
  pid: number;
  /** Everything printed so far. */
  output(): string;
  /** Resolves once what it printed so far matches; rejects when it ends before. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  signal(name: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): void;
  ended: Promise<Ended>;
}

/** As the tests have it; whoever measures starts has none. */
function compileCache(): Record<string, string> {
  const { NODE_COMPILE_CACHE: folder } = process.env;
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: folder };
}

/** `assay …` as a process of its own, with this environment and no other; killed when it takes too long. */
export function spawnAssay(
  args: readonly string[],
  env: Record<string, string>,
  cwd: string,
  { nodeFlags = [], limitMs = LIMIT_MS }: SpawnOptions = {},
): AssayProcess {
  const child = spawn(process.execPath, [...nodeFlags, MAIN, ...args], {
    cwd,
    env: { PATH: process.env.PATH ?? '', ...compileCache(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const limit = limitMs === null ? undefined : setTimeout(() => child.kill('SIGKILL'), limitMs);
  const die = (): void => void child.kill('SIGKILL');
  process.once('exit', die);
  const text = { stdout: '', stderr: '' };
  const looks = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk: Buffer) => {
      text[name] += chunk.toString();
      for (const look of looks) look();
    });
  }
  const ended = new Promise<Ended>((done) => {
    child.once('close', (code) => {
      clearTimeout(limit);
      process.off('exit', die);
      done({ code, ...text });
    });
  });
  return {
    pid: child.pid ?? 0,
    output: () => text.stdout + text.stderr,
    ended,
    signal: (name) => void child.kill(name),
    printed(pattern) {
      return new Promise((done, fail) => {
        const look = (): void => {
          const found = pattern.exec(text.stdout + text.stderr);
          if (found === null) return;
          looks.delete(look);
          done(found);
        };
        looks.add(look);
        look();
        void ended.then(({ code }) => fail(new Error(`ended with ${code} before ${pattern}:\n${text.stderr}`)));
      });
    },
  };
}

export const runAssay = (args: readonly string[], env: Record<string, string>, cwd: string): Promise<Ended> =>
  spawnAssay(args, env, cwd).ended;
