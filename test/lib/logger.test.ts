import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseConfig, secretsOf } from '../../src/config.ts';
import { AssayError } from '../../src/lib/errors.ts';
import { createLogger, redactor } from '../../src/lib/logger.ts';

const DISCORD = `${'MTIzNDU2Nzg5MDEyMzQ1Njc4'}.Gabcde.${'x'.repeat(38)}`;
const TELEGRAM = `123456789:${'AAE_-x7'.repeat(5)}`;
const RPC = 'https://rpc.example/v2/0123456789abcdef0123456789abcdef?apikey=kkkk-llll-mmmm';
const DATABASE = 'postgresql://assay:p%40ss%2Fw0rd%22!@db.internal:5432/assay?sslmode=require';

const { config } = parseConfig(
  { DISCORD_TOKEN: DISCORD, TELEGRAM_TOKEN: TELEGRAM, OG_RPC_URLS: RPC, DATABASE_URL: DATABASE },
  { needsPlatform: true },
);
const SECRET_PARTS = [
  DISCORD,
  TELEGRAM,
  '0123456789abcdef0123',
  'kkkk-llll-mmmm',
  'p%40ss%2Fw0rd',
  'p@ss/w0rd',
  'ss/w0rd',
];

function logged(write: (logger: ReturnType<typeof createLogger>) => void, secrets = secretsOf(config)): string {
  const lines: string[] = [];
  write(createLogger('trace', secrets, (line) => lines.push(line)));
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) expect(() => JSON.parse(line)).not.toThrow();
  return lines.join('');
}

const nested = (text: string): Error =>
  new AssayError(`user sees ${text}`, {
    detail: `detail ${text}`,
    cause: Object.assign(new TypeError(`fetch failed ${text}`), { url: text, cause: new Error(text) }),
  });

describe.each([
  ['the Discord token', DISCORD],
  ['the Telegram token', TELEGRAM],
  ['a Telegram call', `https://api.telegram.org/bot${TELEGRAM}/getMe`],
  ['an RPC address with a key', RPC],
  ['the database address', DATABASE],
  ['the decoded password', 'password p@ss/w0rd"! was refused'],
])('%s', (_, text) => {
  test.each<[string, (logger: ReturnType<typeof createLogger>) => void]>([
    ['in a message', (logger) => logger.info(`trying ${text}`)],
    ['in a field', (logger) => logger.warn({ url: text }, 'slow')],
    ['deep in an object', (logger) => logger.error({ a: { b: [{ c: text }] } }, 'odd')],
    ['as the name of a field', (logger) => logger.debug({ [text]: 1 }, 'odd')],
    ['in an error, its causes and its stack', (logger) => logger.error({ err: nested(text) }, 'failed')],
    ['in a child logger', (logger) => logger.child({ source: text }).fatal('end')],
    ['as an error by itself', (logger) => logger.error(nested(text))],
  ])('never reaches a line: %s', (_where, write) => {
    const lines = logged(write);
    for (const secret of SECRET_PARTS) expect(lines).not.toContain(secret);
  });
});

test('tokens and credentials of others are recognised without being told', () => {
  const redact = redactor([]);
  expect(redact(`x ${TELEGRAM} y`)).toBe('x <telegram-token> y');
  expect(redact(`x ${DISCORD} y`)).toBe('x <discord-token> y');
  expect(redact('see postgres://me:pw@host/db')).toBe('see postgres://<credentials>@host/db');
  // A password with an @ in it, written as people write it.
  expect(redact('postgres://me:p@ss@host/db')).toBe('postgres://<credentials>@host/db');
});

test('addresses, hashes, times and other people’s mail stay readable', () => {
  const text = `https://gw1.example:8443/health 0x${'ab'.repeat(32)} 2026-11-21T12:00:00.000Z block 4711 a@b.example`;
  expect(redactor([])(text)).toBe(text);
  const line = JSON.stringify({ url: 'https://a.example', mail: 'x@y.example' });
  expect(redactor([])(line)).toBe(line);
});

test('of two secrets of which one begins with the other, neither leaves a rest', () => {
  expect(redactor(['secret-one', 'secret-one-and-more'])('secret-one-and-more, secret-one')).toBe('<secret>, <secret>');
});

/** Every text in a line, at any depth, as whoever reads the JSON sees it. */
const textsIn = (value: unknown): string[] =>
  typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [String(value)];

test('law: no secret of six characters or more is ever written, wherever it stands', () => {
  const secret = fc.string({ unit: 'grapheme', minLength: 6, maxLength: 30 }).filter((text) => text.trim().length >= 6);
  // What every line says by itself may hold a "secret" that is such a word.
  const own = textsIn(JSON.parse(logged((logger) => logger.error({ err: nested('-') }, 'failed')))).join();
  fc.assert(
    fc.property(secret, (text) => {
      fc.pre(!own.includes(text) && !'<secret>'.includes(text));
      const lines = logged(
        (logger) => {
          logger.info({ deep: [{ text: `<<${text}>>` }] }, `!!${text}!!`);
          logger.error({ err: nested(text) }, 'failed');
        },
        [text],
      );
      const texts = lines
        .trim()
        .split('\n')
        .flatMap((line) => textsIn(JSON.parse(line)));
      expect(texts.filter((one) => one.includes(text))).toEqual([]);
    }),
  );
});
