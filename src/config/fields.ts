import { z } from 'zod';
import type { Address } from '../lib/delivery.ts';
import type { Hex } from '../lib/facts.ts';

/** How each kind of value is written. A message says what was expected; the value itself is added by the caller. */

export const integer = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,12}$/, `expected a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `expected a whole number from ${min} to ${max}`);

export const flag = z
  .enum(['true', 'false'], { error: 'expected true or false' })
  .transform((value) => value === 'true');

export const httpUrl = z
  .string()
  .refine(
    (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
    'expected a URL that begins with http:// or https://',
  );

const withoutSlash = (url: string): string => url.replace(/\/+$/, '');

/** What stands before the method or the version in a URL. */
export const apiRoot = httpUrl.transform(withoutSlash);

/** discord.js appends the version, and it knows this one only. */
export const discordApiUrl = apiRoot
  .transform((url) => withoutSlash(url.replace(/\/v10$/, '')))
  .refine((url) => !/\/v\d+$/.test(url), 'expected version 10 of the API, or a URL without the version');

const list = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

export const httpUrls = z
  .string()
  .transform(list)
  .pipe(z.array(httpUrl).min(1, 'expected at least one URL'))
  .refine((urls) => new Set(urls).size === urls.length, 'the same URL is there twice');

const ADDRESS = /^0x[0-9a-fA-F]{40}$/;

export const address = z
  .string()
  .regex(ADDRESS, 'expected an address: 0x and 40 hex digits')
  .transform((text) => text.toLowerCase() as Hex);

export const addresses = z.string().transform(list).pipe(z.array(address));

/** What may be turned off: `none` is null. */
export const orNone = <T>(schema: z.ZodType<T, string>) =>
  z.string().transform((text, context): T | null => {
    if (/^none$/i.test(text)) return null;
    const parsed = schema.safeParse(text);
    if (parsed.success) return parsed.data;
    context.addIssue({ code: 'custom', message: `${parsed.error.issues[0]?.message ?? 'not readable'}, or none` });
    return z.NEVER;
  });

export const discordToken = z
  .string()
  .regex(
    /^[\w-]{10,}(\.[\w-]{2,}){0,2}$/,
    'expected the token as the developer portal shows it, without spaces or quotes',
  );

export const telegramToken = z
  .string()
  .regex(/^\d{3,20}:[\w-]{10,}$/, 'expected a token like 123456789:ABC…, as @BotFather sends it');

export const databaseUrl = z
  .string()
  .regex(/^(file:.+|postgres(ql)?:\/\/.+)$/, 'expected file:./path/to.db or postgresql://user:password@host:5432/name');

export const logLevel = z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
  error: 'expected trace, debug, info, warn, error, fatal or silent',
});

export const destination = z
  .string()
  .regex(
    /^(discord:\d{5,25}|telegram:-?\d{1,20}(:\d{1,15})?)$/,
    'expected discord:<channel id> or telegram:<chat id>[:<topic id>]',
  )
  .transform((text): Address => {
    const [platform, chatId = '', threadId] = text.split(':');
    return { platform: platform === 'discord' ? 'discord' : 'telegram', chatId, threadId: threadId ?? null };
  });

export const host = z.string().regex(/^[\w.:-]{1,255}$/, 'expected an address like 127.0.0.1 or 0.0.0.0');
