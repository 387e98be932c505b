import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { AssayError } from '../../../src/lib/errors.ts';
import { readUsage, readUsageAnswer } from '../../../src/sources/opengradient/facilitator.ts';
import { startWebServer, type WebAnswer, type WebServer } from '../../rigs/webServer.ts';

const DAY = { day: '2026-11-21', requestCount: 7, costOpg: '0.028', costUsd: '1', inputTokens: 84, outputTokens: 238 };
const READ = { day: '2026-11-21', requests: 7, costOpg: '0.028', inputTokens: 84, outputTokens: 238 };

let server: WebServer | undefined;
afterEach(() => server?.close());

async function ask(answer: WebAnswer) {
  server = await startWebServer(() => answer);
  return await readUsage(`${server.url}/`, { signal: AbortSignal.timeout(5_000) });
}

test('usage is what the facilitator counted, by day, oldest first', async () => {
  const usage = await ask({ json: { totalRequests: 9, daily: [DAY, { ...DAY, day: '2026-11-20', requestCount: 2 }] } });
  expect(usage).toEqual({ totalRequests: 9, days: [{ ...READ, day: '2026-11-20', requests: 2 }, READ] });
  expect(server?.asked).toEqual(['GET /usage?days=90']);
});

test('numbers may be written as text', () => {
  const day = { ...DAY, requestCount: '7', costOpg: 0.028 };
  expect(readUsageAnswer({ totalRequests: '9', daily: [day] })).toEqual({ totalRequests: 9, days: [READ] });
});

test.each([
  ['no date', { day: 'monday' }],
  ['a day that does not exist', { day: '2026-02-30' }],
  ['a moment', { day: '2026-11-21T00:00:00Z' }],
  ['less than nothing', { requestCount: -1 }],
  ['a part of a request', { requestCount: 1.5 }],
  ['more than can be counted', { requestCount: 1e300 }],
  ['no count', { inputTokens: null }],
  ['no amount', { costOpg: '1e9 OPG' }],
])('a day with %s is left out, not guessed', (_, wrong) => {
  expect(readUsageAnswer({ totalRequests: 9, daily: [{ ...DAY, ...wrong }] })).toEqual({ totalRequests: 9, days: [] });
});

test('a day that comes twice counts once', () => {
  expect(readUsageAnswer({ totalRequests: 9, daily: [DAY, { ...DAY, requestCount: 100 }] })?.days).toEqual([READ]);
});

describe('an answer that is none', () => {
  test.each([
    ['an error', { status: 500, body: '' }, 'the facilitator answered HTTP 500'],
    ['nothing there', { status: 404, body: '' }, 'the facilitator answered HTTP 404'],
    ['a web page', { body: '<html>' }, 'the facilitator answered something that is not JSON'],
    ['another shape', { json: { totalRequests: 'many' } }, 'the facilitator answers otherwise than it did'],
    ['a list', { json: [1] }, 'the facilitator answers otherwise than it did'],
  ] satisfies [string, WebAnswer, string][])('%s is an error that may pass', async (_, answer, message) => {
    const error = await ask(answer).then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(AssayError);
    expect(error).toMatchObject({ message, retryable: true });
  });
});

test('law: whatever JSON it sends, counts are whole, days are days, and nothing throws', () => {
  const value = fc.oneof(fc.jsonValue(), fc.double(), fc.constantFrom(...Object.values(DAY), -1, 2 ** 53, '7'));
  const row = fc.record(Object.fromEntries(Object.keys(DAY).map((name) => [name, value])));
  const usage = fc.record({ totalRequests: value, daily: fc.oneof(fc.array(row, { maxLength: 300 }), value) });
  fc.assert(
    fc.property(fc.oneof(usage, fc.jsonValue()), (answer) => {
      const read = readUsageAnswer(answer);
      if (read === null) return;
      expect(read.days.length).toBeLessThanOrEqual(180);
      for (const { day, costOpg, ...counts } of read.days) {
        expect(new Date(day).toISOString().slice(0, 10)).toBe(day);
        expect(costOpg).toMatch(/^[\d.]+$/);
        for (const count of Object.values(counts)) expect(Number.isSafeInteger(count) && count >= 0).toBe(true);
      }
      expect(Number.isSafeInteger(read.totalRequests) && read.totalRequests >= 0).toBe(true);
    }),
    { numRuns: 500 },
  );
});
