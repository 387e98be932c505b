import { expect, test } from 'vitest';
import { parseConfig, secretsOf } from '../../src/config.ts';
import { redactor } from '../../src/lib/logger.ts';

const hide = (env: Record<string, string>, text: string): string =>
  redactor(secretsOf(parseConfig(env, { needsPlatform: false }).config))(text);

test.each<[string, Record<string, string>, string, string]>([
  [
    'a Telegram token in an address',
    { TELEGRAM_TOKEN: '123456789:AAEabcdefghijklmnop' },
    'POST https://api.telegram.org/bot123456789:AAEabcdefghijklmnop/sendMessage',
    'AAEabcdefghijklmnop',
  ],
  [
    'a Discord token',
    { DISCORD_TOKEN: 'abcdefghijklmnopqrstuvwx.AbCdEf.xyz12' },
    'Bot abcdefghijklmnopqrstuvwx.AbCdEf.xyz12',
    'xyz12',
  ],
  [
    'a key in the path of an RPC URL',
    { OG_RPC_URLS: 'https://rpc.example/v2/0123456789abcdef' },
    'POST https://rpc.example/v2/0123456789abcdef failed',
    '0123456789abcdef',
  ],
  [
    'a key in the query of an RPC URL, by itself',
    { OG_RPC_URLS: 'https://rpc.example/?apikey=s3cr3tk3y' },
    'the key s3cr3tk3y is not valid',
    's3cr3tk3y',
  ],
  [
    'a user name that is the key',
    { OG_RPC_URLS: 'https://s3cr3tk3y@rpc.example/' },
    'POST https://s3cr3tk3y@rpc.example/ failed',
    's3cr3tk3y',
  ],
  [
    'a database password',
    { DATABASE_URL: 'postgresql://assay:hunter22@db.example/assay' },
    'password "hunter22" is wrong',
    'hunter22',
  ],
  [
    'a database password as the driver decodes it',
    { DATABASE_URL: 'postgresql://assay:hunter%2622@db.example/assay' },
    'password "hunter&22" is wrong, in postgresql://assay:hunter%2622@db.example/assay',
    'hunter',
  ],
  [
    'credentials of a proxy before the Bot API',
    { TELEGRAM_API_ROOT: 'https://bot:hunter22@proxy.example' },
    'fetch https://bot:hunter22@proxy.example failed',
    'hunter22',
  ],
])('%s does not pass', (_, env, text, secret) => {
  expect(text).toContain(secret);
  expect(hide(env, text)).not.toContain(secret);
});

test('a password that is no proper percent-encoding is hidden and does not stop the program', () => {
  expect(hide({ DATABASE_URL: 'postgresql://assay:50%off-now@db.example/assay' }, 'x 50%off-now x')).not.toContain(
    'off-now',
  );
});

test('what is no secret stays readable', () => {
  const env = {
    DATABASE_URL: 'postgresql://assay:hunter22@db.example:5432/assay',
    OG_RPC_URLS: 'https://rpc.example/v1',
  };
  const text = 'db.example:5432/assay and https://rpc.example/v1 do not answer';
  expect(hide(env, text)).toBe(text);
});
