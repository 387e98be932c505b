import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const WRAPPER = resolve(import.meta.dirname, '../../node_modules/@foundry-rs/anvil/bin.mjs');

/**
 * The program itself where its package for this machine is installed. The wrapper of npm's starts it as a child of its
 * own, which lives on when the wrapper is killed.
 */
function binary(): string {
  const { platform, arch } = process;
  const name = platform === 'win32' ? 'anvil.exe' : 'anvil';
  try {
    const from = createRequire(WRAPPER);
    return from.resolve(`@foundry-rs/anvil-${platform}-${arch === 'x64' ? 'amd64' : arch}/bin/${name}`);
  } catch {
    return resolve(import.meta.dirname, '../../node_modules/.bin/anvil');
  }
}

export interface Anvil {
  rpcUrl: string;
  close(): Promise<void>;
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A real EVM node on a free port; it dies with this process. */
export async function startAnvil(args: readonly string[]): Promise<Anvil> {
  const child = spawn(binary(), ['--host', '127.0.0.1', '--port', '0', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  const exited = new Promise<void>((done) => child.once('exit', () => done()));
  void exited.then(() => running.delete(child));
  const port = await new Promise<number>((done, fail) => {
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const match = /Listening on 127\.0\.0\.1:(\d+)/.exec(text);
      if (match) done(Number(match[1]));
      if (text.length > 100_000) text = text.slice(-1_000);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    child.once('error', fail);
    child.once('exit', (code) => fail(new Error(`anvil ended with ${code}: ${text.slice(-400)}`)));
  });
  return {
    rpcUrl: `http://127.0.0.1:${port}`,
    async close() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 2_000);
      await exited;
      clearTimeout(timer);
    },
  };
}
