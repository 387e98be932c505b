import { z } from 'zod';
import { AssayError } from '../../lib/errors.ts';
import { askJson } from '../http/askJson.ts';
import { countIn, type Fields, first, isFields } from './looseJson.ts';

const MAX_DAYS = 90;
const MAX_BYTES = 1024 * 1024;
const TIMEOUT_MS = 10_000;

/** What the facilitator counted on one UTC day. */
export interface FacilitatorDay {
  /** YYYY-MM-DD */
  day: string;
  requests: number;
  /** Whole OPG, as a decimal number. */
  costOpg: string;
  inputTokens: number;
  outputTokens: number;
}

export interface FacilitatorUsage {
  /** Of the last 90 days: it falls when a day leaves that window. */
  totalRequests: number;
  /** Oldest first; a day that is not whole in the answer is left out. */
  days: FacilitatorDay[];
}

/** What went through the facilitator, private answers included (GET /usage). Rejects with AssayError. */
export async function readUsage(url: string, { signal }: { signal?: AbortSignal } = {}): Promise<FacilitatorUsage> {
  const asked = { who: 'the facilitator', maxBytes: MAX_BYTES, timeoutMs: TIMEOUT_MS, ...(signal ? { signal } : {}) };
  const { status, value } = await askJson(`${url.replace(/\/+$/, '')}/usage?days=${MAX_DAYS}`, asked);
  if (status !== 200) throw new AssayError(`the facilitator answered HTTP ${status}`, { retryable: true });
  const usage = readUsageAnswer(value);
  if (usage === null) {
    const detail = 'its /usage has no totalRequests; check OG_FACILITATOR_URL';
    throw new AssayError('the facilitator answers otherwise than it did', { retryable: true, detail });
  }
  return usage;
}

/** The answer to GET /usage; null when it is none. */
export function readUsageAnswer(value: unknown): FacilitatorUsage | null {
  const totalRequests = isFields(value) ? countIn(value, ['totalRequests']) : null;
  if (!isFields(value) || totalRequests === null) return null;
  const days = new Map<string, FacilitatorDay>();
  for (const entry of first(value, ['daily'], z.array(z.unknown()))?.slice(0, MAX_DAYS * 2) ?? []) {
    const row = isFields(entry) ? readDay(entry) : null;
    if (row !== null && !days.has(row.day)) days.set(row.day, row);
  }
  return { totalRequests, days: [...days.values()].sort((a, b) => (a.day < b.day ? -1 : 1)) };
}

function readDay(fields: Fields): FacilitatorDay | null {
  const day = first(fields, ['day'], z.iso.date());
  const requests = countIn(fields, ['requestCount']);
  const costOpg = first(fields, ['costOpg'], z.union([z.string(), z.number().transform(String)]).refine(isDecimal));
  const inputTokens = countIn(fields, ['inputTokens']);
  const outputTokens = countIn(fields, ['outputTokens']);
  if (day === null || requests === null || costOpg === null || inputTokens === null || outputTokens === null)
    return null;
  return { day, requests, costOpg, inputTokens, outputTokens };
}

const isDecimal = (text: string): boolean => /^\d{1,30}(\.\d{1,30})?$/.test(text);
