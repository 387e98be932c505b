import { z } from 'zod';
import { cleanText } from '../../lib/units.ts';

/** Reading of JSON from strangers: any field may be missing, absurd, huge or a lie. Nothing here throws. */

export type Fields = Readonly<Record<string, unknown>>;

/** 2100-01-01; later is no date of anything that exists. */
const MAX_MOMENT_MS = 4_102_444_800_000;
/** Numbers below this are seconds: it is the year 5138 in seconds and 1973 in milliseconds. */
const MIN_MILLISECONDS = 1e11;

const MAX_DEPTH = 4;
const MAX_ENTRIES = 50;
const MAX_KEY = 60;
const MAX_INNER_TEXT = 300;
/** Names that mean something to an object itself. */
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A list, be it bare or in one of these fields of an object; null when there is none. */
export function listIn(value: unknown, names: readonly string[]): readonly unknown[] | null {
  if (Array.isArray(value)) return value;
  return isFields(value) ? first(value, names, z.array(z.unknown())) : null;
}

const writtenText = z.union([z.string(), z.number().transform(String)]);
/** Some hubs nest the author: `{ owner: { username } }`. */
const nestedText = z.union([
  writtenText,
  z.object({ username: writtenText }).transform(({ username }) => username),
  z.object({ name: writtenText }).transform(({ name }) => name),
]);

/** The first of these fields that is text (or a number), cleaned and cut to `max` characters; null when none is. */
export const textIn = (fields: Fields, names: readonly string[], max: number): string | null =>
  first(fields, names, writtenText.transform(cleaned(max)).refine(isNotEmpty));

/** As it is written, for asking with it again; null when no field is text, or all are longer than `max`. */
export const rawTextIn = (fields: Fields, names: readonly string[], max: number): string | null =>
  first(
    fields,
    names,
    nestedText.refine((text) => text.length <= max),
  );

/** Like `textIn`, for who made something: a name, or an object that holds one. */
export const authorIn = (fields: Fields, names: readonly string[], max: number): string | null =>
  first(fields, names, nestedText.transform(cleaned(max)).refine(isNotEmpty));

const count = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^\d{1,16}$/)
      .transform(Number),
  ])
  .refine((number) => Number.isSafeInteger(number) && number >= 0);

/** The first of these fields that is a whole number from 0 on; null when none is. */
export const countIn = (fields: Fields, names: readonly string[]): number | null => first(fields, names, count);

const seconds = z.number().transform((number) => (Math.abs(number) < MIN_MILLISECONDS ? number * 1000 : number));
const moment = z
  .union([
    z
      .string()
      .max(40)
      .regex(/^\d{4}-\d{2}-\d{2}/)
      .transform((text) => Date.parse(text)),
    seconds,
    // As Firestore writes them.
    z.object({ _seconds: z.number() }).transform(({ _seconds }) => _seconds * 1000),
    z.object({ seconds: z.number() }).transform(({ seconds }) => seconds * 1000),
  ])
  .transform(Math.floor)
  .refine((ms) => ms > 0 && ms < MAX_MOMENT_MS);

/** The first of these fields that is a date (ISO text, unix seconds or ms), as unix ms; null when none is. */
export const momentIn = (fields: Fields, names: readonly string[]): number | null => first(fields, names, moment);

/** The first of these fields that such a value can be read from. */
export function first<T>(fields: Fields, names: readonly string[], schema: z.ZodType<T>): T | null {
  for (const name of names) {
    if (!Object.hasOwn(fields, name)) continue;
    const parsed = schema.safeParse(fields[name]);
    if (parsed.success) return parsed.data;
  }
  return null;
}

/**
 * A copy of all other fields that is safe to keep: text cleaned, depth, lengths and counts bounded, and as many fields as
 * fit into `maxBytes` of JSON.
 */
export function otherFields(fields: Fields, known: ReadonlySet<string>, maxBytes: number): Record<string, unknown> {
  const kept: [string, unknown][] = [];
  let bytes = 2;
  for (const name of Object.keys(fields).slice(0, MAX_ENTRIES)) {
    const key = cleaned(MAX_KEY)(name);
    if (key === '' || known.has(name) || FORBIDDEN.has(key)) continue;
    const value = safeCopy(fields[name], MAX_DEPTH);
    const size = Buffer.byteLength(JSON.stringify({ [key]: value }));
    if (bytes + size > maxBytes) continue;
    bytes += size;
    kept.push([key, value]);
  }
  return Object.fromEntries(kept);
}

function safeCopy(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return cleaned(MAX_INNER_TEXT)(value);
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
  if (depth === 0) return '…';
  if (Array.isArray(value)) return value.slice(0, MAX_ENTRIES).map((each) => safeCopy(each, depth - 1));
  if (!isFields(value)) return null;
  const entries = Object.keys(value)
    .slice(0, MAX_ENTRIES)
    .map((name): [string, unknown] => [cleaned(MAX_KEY)(name), safeCopy(value[name], depth - 1)])
    .filter(([key]) => key !== '' && !FORBIDDEN.has(key));
  return Object.fromEntries(entries);
}

/** Cut first, so that cleaning costs no more than it must. */
const cleaned =
  (max: number) =>
  (text: string): string =>
    cleanText(text.slice(0, max * 8), max);
const isNotEmpty = (text: string): boolean => text !== '';
