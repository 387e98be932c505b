import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { metricsOf, shannonBitsOf } from '../src/insight/concentration.ts';
import { METRIC_DEFINITIONS } from '../src/insight/metricDefinitions.ts';
import { type MetricsOptions, metricsCommand } from '../src/metricsCommand.ts';
import type { Ended } from './rigs/assayProcess.ts';

const MAIN = resolve(import.meta.dirname, '../src/main.ts');
const [USAGE, DATA] = [64, 65];

const folder = mkdtempSync(join(tmpdir(), 'assay-metrics-'));
// Whatever is configured badly here is none of this command's business.
writeFileSync(join(folder, '.env'), 'OG_CHAIN_ID=ten\nTELEGRAM_TOKEN=nonsense\n');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function metrics(input: string, ...args: string[]): Promise<Ended> {
  const env = { PATH: process.env.PATH ?? '', OG_CHAIN_ID: 'ten', DATABASE_URL: 'nowhere' };
  const child = spawn(process.execPath, [MAIN, 'metrics', ...args], { cwd: folder, env, stdio: 'pipe' });
  const limit = setTimeout(() => child.kill('SIGKILL'), 60_000);
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (chunk: Buffer) => {
      text[name] += chunk.toString();
    });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return new Promise((done) => {
    child.once('close', (code) => {
      clearTimeout(limit);
      done({ code, ...text });
    });
  });
}

/** The same without a process of its own. */
async function inside(input: string, options: MetricsOptions): Promise<Ended> {
  const text = { stdout: '', stderr: '' };
  async function* bytes() {
    yield Buffer.from(input);
  }
  const code = await metricsCommand(options, {
    input: bytes(),
    out: (line) => {
      text.stdout += `${line}\n`;
    },
    err: (line) => {
      text.stderr += `${line}\n`;
    },
  });
  return { code, ...text };
}

test('every metric with its definition, in lines of at most 80 columns; no configuration is read', async () => {
  const { code, stdout, stderr } = await metrics('name,weight\na,3\nb,2\n"c, inc",1\n');
  expect([code, stderr]).toEqual([0, '']);
  const folded = stdout.replace(/\s+/g, ' ');
  for (const { name, meaning, definition } of METRIC_DEFINITIONS) {
    expect(folded).toContain(`${name} `);
    expect(folded).toContain(meaning);
    expect(folded).toContain(definition);
  }
  expect(folded).toContain('Gini 0.22222 ');
  expect(folded).toContain('HHI 3888.89 ');
  expect(folded).toContain('Shannon entropy 1.45915 bits');
  expect(folded).toContain('Nakamoto > 1/2 2 ');
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
});

test('one row is one row', async () => {
  expect((await inside('a,1\n', {})).stdout).toMatch(/^1 row\.\n/);
});

test('even of weights that fill lines', async () => {
  const { code, stdout } = await inside(`a,${'9'.repeat(150)}.5\nb,1\n`, {});
  expect(code).toBe(0);
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(stdout.replace(/\s+/g, '')).toContain(`1${'0'.repeat(150)}.5`);
});

test('as data, with the list as it was read', async () => {
  const { code, stdout } = await metrics('a,0.5\nb,1\na,0.25\nz,0\n', '--json', '--threshold', '51%', '--strict');
  expect(code).toBe(0);
  const found = JSON.parse(stdout);
  const expected = metricsOf([75n, 100n]);
  expect(found).toMatchObject({
    ...{ rows: 4, merged: 1, zeros: 1 },
    values: { ...expected, total: '1.75', shannon: shannonBitsOf(expected) },
    threshold: { asked: '51%', num: 51, den: 100, strict: true, nakamoto: 1 },
  });
  expect(found.definitions).toEqual(METRIC_DEFINITIONS);
});

test.each([
  ['1/2', false, 1, '>= 1/2'],
  ['1/2', true, 2, '> 1/2'],
  ['0.50', false, 1, '>= 0.50'],
  ['50 %', true, 2, '> 50 %'],
  ['2/3', false, 2, '>= 2/3'],
  ['1', true, null, '> 1'],
] as const)('Nakamoto of 3, 2, 1 for %s (strict: %s) is %s', async (threshold, strict, expected, words) => {
  const input = 'a,3\nb,2\nc,1\n';
  const { stdout } = await inside(input, { json: true, threshold, strict });
  expect(JSON.parse(stdout).threshold.nakamoto).toBe(expected);
  expect((await inside(input, { threshold, strict })).stdout).toContain(`Nakamoto ${words}`);
});

test.each(['0', '0/3', '4/3', '1.5', '101%', '-0.5', 'half', '', '1/0', '0.00000000000000000001'])(
  'a threshold that is none ends with 64: %j',
  async (threshold) => {
    const { code, stdout, stderr } = await inside('a,1\n', { threshold });
    expect([code, stdout]).toEqual([USAGE, '']);
    expect(stderr).toContain('--threshold is a share above 0 and at most 1');
  },
);

test('a reader who stops reading, as head does, is no error', async () => {
  const env = { PATH: process.env.PATH ?? '' };
  const child = spawn(process.execPath, [MAIN, 'metrics'], { cwd: folder, env, stdio: ['pipe', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  child.stdout.destroy();
  child.stdin.end('a,1\n');
  const code = await new Promise((done) => child.once('close', done));
  expect([code, stderr]).toEqual([0, '']);
});

test('--strict alone ends with 64, and so does a bad threshold of the process', async () => {
  expect(await inside('a,1\n', { strict: true })).toMatchObject({ code: USAGE, stdout: '' });
  expect(await metrics('a,1\n', '--threshold', 'half')).toMatchObject({ code: USAGE, stdout: '' });
});

test('malformed lines are named with their numbers, the first twenty, and nothing else is printed', async () => {
  const few = await metrics('a,1\nb\nc,-2\n\nd,x\n', '--json');
  expect(few).toEqual({
    code: DATA,
    stdout: '',
    stderr: 'line 2: there is no comma\nline 3: the weight is negative\nline 5: the weight is no decimal number\n',
  });
  const many = await metrics('x\n'.repeat(30));
  expect([many.code, many.stdout]).toEqual([DATA, '']);
  const lines = many.stderr.trimEnd().split('\n');
  expect([lines.length, lines[19], lines[20]]).toEqual([21, 'line 20: there is no comma', 'and 10 more']);
});

test.each(['', '\n\n', 'name,weight\n', 'a,0\nb,0.0\n'])(
  'nothing with a weight has no value, and ends with 65: %j',
  async (input) => {
    const { code, stdout, stderr } = await metrics(input);
    expect([code, stdout]).toEqual([DATA, '']);
    expect(stderr).toContain('no line has a weight above zero');
  },
);
