import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const DEMO = resolve(import.meta.dirname, 'demo.ts');
const ROOT = resolve(import.meta.dirname, '../..');

let folder: string;
let demo: ChildProcess | undefined;
const LIMIT_MS = 90_000;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-demo-test-'));
});
afterEach(() => {
  demo?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

interface Running {
  pid: number;
  parent: number;
  name: string;
  /** With the pid it tells a process from a later one. */
  startedAt: string;
}

/** Every process of this machine, zombies left out. */
function processes(): Running[] {
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
      const [state, parent, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return state === 'Z' ? [] : [{ pid: Number(entry), parent: Number(parent), name, startedAt: rest[17] as string }];
    } catch {
      return [];
    }
  });
}

function descendants(pid: number, all = processes()): Running[] {
  return all.filter(({ parent }) => parent === pid).flatMap((child) => [child, ...descendants(child.pid, all)]);
}

async function until(holds: () => boolean, what: string, limitMs = 20_000): Promise<void> {
  for (const end = performance.now() + limitMs; !holds(); ) {
    if (performance.now() > end) throw new Error(`not in time: ${what}`);
    await new Promise((done) => setTimeout(done, 20));
  }
}

async function gone(children: Running[], limitMs = 5_000): Promise<void> {
  const same = (one: Running) => (other: Running) => one.pid === other.pid && one.startedAt === other.startedAt;
  await until(() => !processes().some((one) => children.some(same(one))), 'its children end', limitMs);
}

/** The demo in a process group of its own, as a terminal would start it. */
function startDemo(program: readonly string[] = [process.execPath, DEMO, '--pictures', folder]) {
  const temp = join(folder, 'tmp');
  mkdirSync(temp);
  const child = spawn(program[0] as string, program.slice(1), {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      TMPDIR: temp,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
    },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  demo = child;
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const ended = new Promise<[number | null, NodeJS.Signals | null]>((done) => {
    child.once('exit', (...how) => done(how));
  });
  return { child, pid: child.pid as number, temp, ended, output: () => text };
}

test.each([
  ['SIGTERM', 143, 'while it starts', /Starting a chain/],
  ['SIGHUP', 129, 'between two questions', /terminal {2}\/network/],
  ['SIGINT', 130, 'while a picture is drawn', /Telegram {2}\/node status/],
  ['SIGTERM', 143, 'while alerts are waited for', />> The model/],
] as const)(
  '%s ends the demo with %i %s, and nothing is left behind',
  async (signal, code, _, moment) => {
    const { child, pid, temp, ended, output } = startDemo();
    await until(() => moment.test(output()), String(moment), 60_000);
    await until(() => descendants(pid).some(({ name }) => name === 'anvil'), 'anvil runs');
    const children = descendants(pid);
    // Without a wrapper, which would leave it behind when it is killed itself.
    expect(children.find(({ name }) => name === 'anvil')?.parent).toBe(pid);
    expect(readdirSync(temp)).not.toEqual([]);
    const printed = output().length;

    // Ctrl-C reaches everything that the terminal started, the other two signals are for the demo alone.
    if (signal === 'SIGINT') process.kill(-pid, signal);
    else child.kill(signal);
    expect(await ended).toEqual([code, null]);

    await gone(children);
    expect(readdirSync(temp)).toEqual([]);
    // No further step of the tour, no error.
    expect(output().slice(printed)).toMatch(/^[^>]{0,3000}stopping…\n$/);
  },
  LIMIT_MS,
);

test(
  'the whole tour: among others one proposal reminder and one concentration shift in both chats, and two answers with their pictures',
  async () => {
    const { ended, temp, output } = startDemo();
    expect(await ended).toEqual([0, null]);
    const text = output();
    const told = (title: RegExp): string[] => text.match(new RegExp(`^  │ \\S+ ${title.source}.*$`, 'gm')) ?? [];
    for (const title of [/Proof late: /, /Node is back: /, /New proposal: #1 /]) expect(told(title)).toHaveLength(2);
    expect(told(/Voting ends in 24 h: #1 /)).toHaveLength(2);
    expect(told(/Influence shifted to fewer: Locked voting power of Bedrock/)).toHaveLength(2);
    expect(text).toMatch(/One owner of locks has more than 1\/2: 6\d(\.\d)? %; the largest had 1\d/);
    expect(text).toMatch(/Turnout 40 % of bonded power, quorum of 33\.4 % reached/);
    for (const [question, name] of [
      ['/gov proposal 1', 'proposal'],
      ['/influence power bedrock', 'influence'],
    ]) {
      const [answer = ''] = text.split(`Discord  ${question}  (`)[1]?.split('\n\n') ?? [];
      // What is said where the picture cannot be seen.
      expect(answer).toMatch(/\[picture chart\.png, \d+ KiB: \w.{20,}\]/);
      const picture = readFileSync(join(folder, `assay-demo-${name}.png`));
      expect(picture.subarray(1, 4).toString()).toBe('PNG');
    }
    expect(readdirSync(temp)).toEqual([]);
  },
  2 * LIMIT_MS,
);

test(
  '`npm run demo`: a SIGTERM that only npm and its shell hear ends all of it',
  async () => {
    const { child, pid, temp, ended, output } = startDemo(['npm', 'run', 'demo']);
    await until(() => /Starting a chain/.test(output()), 'its first lines');
    await until(() => descendants(pid).some(({ name }) => name === 'anvil'), 'anvil runs');
    const children = descendants(pid);
    child.kill('SIGTERM');
    await ended;
    await gone(children, 15_000);
    expect(readdirSync(temp).filter((name) => name.startsWith('assay-'))).toEqual([]);
  },
  LIMIT_MS,
);

test(
  'whoever read its output goes away: it ends as well',
  async () => {
    const { child, pid, temp, ended, output } = startDemo();
    await until(() => /Starting a chain/.test(output()), 'its first lines');
    await until(() => descendants(pid).some(({ name }) => name === 'anvil'), 'anvil runs');
    const children = descendants(pid);
    child.stdout.destroy();
    child.stderr.destroy();
    expect(await ended).toEqual([141, null]);
    expect(readdirSync(temp)).toEqual([]);
    await gone(children);
  },
  LIMIT_MS,
);
