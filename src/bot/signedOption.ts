import { CLOCK_TOLERANCE_SECONDS } from '../insight/proofLabels.ts';
import { duration } from '../lib/units.ts';
import { echo } from './answers.ts';
import type { Option } from './command.ts';
import { parseDuration } from './durations.ts';

const MAX_AGE_SECONDS = 30 * 86_400;
const ISO = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)\s*(Z|UTC|[+-]\d\d:?\d\d)?$/i;

/** When an answer was signed, as a person may say it: unix seconds, a date and time, or an age. */
export const signedOption: Option = {
  name: 'signed',
  summary: 'When it was signed: unix seconds, 2026-11-21T12:00:00Z, or an age like 5m',
  type: 'text',
  required: false,
  maxLength: 40,
  check: (typed) =>
    momentOf(typed, 0) === null
      ? `signed must be unix seconds, a time like 2026-11-21T12:00:00Z, or an age like 5m, not ${echo(typed)}.`
      : null,
};

/** Unix seconds of a checked option, or what is wrong with it. `nowSeconds`: the chain's clock. */
export function readSigned(typed: string | number, nowSeconds: number): number | { problem: string } {
  const at = momentOf(String(typed), nowSeconds);
  if (at === null || at > nowSeconds + CLOCK_TOLERANCE_SECONDS) {
    return { problem: `By the chain’s clock that is in the future: ${echo(typed)}.` };
  }
  if (at < nowSeconds - MAX_AGE_SECONDS) {
    return { problem: `That is more than ${duration(MAX_AGE_SECONDS)} ago: ${echo(typed)}.` };
  }
  return at;
}

/** null: none of these. */
function momentOf(typed: string, nowSeconds: number): number | null {
  const text = typed.trim().replace(/\s+ago$/i, '');
  if (/^\d{9,10}$/.test(text)) return Number(text);
  // Milliseconds, as JavaScript counts.
  if (/^\d{12,13}$/.test(text)) return Math.floor(Number(text) / 1000);
  const age = parseDuration(text);
  if (age !== null) return nowSeconds - age;
  const [, date, time, zone = 'Z'] = ISO.exec(text) ?? [];
  if (date === undefined || time === undefined) return null;
  const ms = Date.parse(`${date}T${time}${/^(z|utc)$/i.test(zone) ? 'Z' : zone}`);
  return Number.isNaN(ms) ? null : Math.floor(ms / 1000);
}
