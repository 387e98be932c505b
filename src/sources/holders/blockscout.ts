import { z } from 'zod';
import { AssayError } from '../../lib/errors.ts';
import type { Hex } from '../../lib/facts.ts';
import { cleanText } from '../../lib/units.ts';
import { askJson } from '../http/askJson.ts';

/** Blockscout's API v2: /tokens/{token} and /tokens/{token}/holders, in pages by what the last one says of the next. */

const WHO = 'the explorer';
/** A page has 50 holders, each with what is known of the address. */
const MAX_BYTES = 4 * 1024 * 1024;
const TIMEOUT_MS = 20_000;
const MAX_NAME = 60;
/** The next page's question is the explorer's to write, within this. */
const MAX_PARAMETERS = 10;
const MAX_PARAMETER = 200;

export interface TokenAbout {
  decimals: number;
  /** null where the explorer does not say. */
  totalSupply: bigint | null;
  holdersCount: number | null;
}

export interface Holder {
  /** Lower case. */
  address: Hex;
  /** Untrusted text, bounded; null: none. */
  name: string | null;
  isContract: boolean;
  balance: bigint;
}

interface Asked {
  /** Up to and with `/api/v2`. */
  api: string;
  token: Hex;
  signal?: AbortSignal;
}

const amount = z
  .union([
    z.string().regex(/^\d{1,78}$/),
    z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER).transform(String),
  ])
  .transform(BigInt);
const count = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^\d{1,15}$/)
      .transform(Number),
  ])
  .pipe(z.int().nonnegative());
const optional = <T extends z.ZodType>(schema: T) => schema.nullish().catch(null);
const text = z.string().transform((value) => cleanText(value.slice(0, MAX_NAME * 8), MAX_NAME) || null);

const tokenShape = z.object({
  decimals: count.pipe(z.number().max(36)),
  total_supply: optional(amount),
  holders_count: optional(count),
  // Before 2025.
  holders: optional(count),
});

const holderShape = z.object({
  address: z.object({
    hash: z.string().regex(/^0x[0-9a-fA-F]{40}$/),
    is_contract: optional(z.boolean()),
    ens_domain_name: optional(text),
    name: optional(text),
  }),
  value: amount,
});

const pageShape = z.object({
  items: z.array(holderShape),
  next_page_params: z
    .record(z.string().max(60), z.union([z.string().max(MAX_PARAMETER), z.number(), z.boolean(), z.null()]))
    .nullish(),
});

/** Rejects with AssayError, with `retryAfterMs` where the explorer says it. */
export async function readToken({ api, token, signal }: Asked): Promise<TokenAbout> {
  const found = tokenShape.safeParse(await ask(`${api}/tokens/${token}`, signal));
  if (!found.success) throw otherwise(`its answer for ${token} has no decimals`);
  const { decimals, total_supply, holders_count, holders } = found.data;
  return { decimals, totalSupply: total_supply ?? null, holdersCount: holders_count ?? holders ?? null };
}

/**
 * Holders page by page, as the explorer orders them: the largest first. Rejects with AssayError, also when its pages lead back
 * to one that was read.
 */
export async function* holderPages({ api, token, signal }: Asked): AsyncGenerator<Holder[]> {
  const seen = new Set<string>();
  for (let query = ''; ; ) {
    const found = pageShape.safeParse(await ask(`${api}/tokens/${token}/holders${query}`, signal));
    if (!found.success) {
      const [issue] = found.error.issues;
      throw otherwise(`its list of holders: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
    }
    const { items, next_page_params } = found.data;
    yield items.map(({ address, value }) => ({
      address: address.hash.toLowerCase() as Hex,
      name: address.name ?? address.ens_domain_name ?? null,
      isContract: address.is_contract === true,
      balance: value,
    }));
    if (next_page_params == null || items.length === 0) return;
    query = queryOf(next_page_params);
    if (seen.has(query)) throw otherwise('its pages lead back to one that was read');
    seen.add(query);
  }
}

/** How much of the chain's blocks the explorer has read, in per cent (0 to 100); null where it does not say. */
export async function readIndexedPercent({ api, signal }: Pick<Asked, 'api' | 'signal'>): Promise<number | null> {
  const shape = z.object({ indexed_blocks_ratio: z.coerce.number().min(0).max(1) });
  try {
    const found = shape.safeParse(await ask(`${api}/main-page/indexing-status`, signal));
    return found.success ? Math.floor(found.data.indexed_blocks_ratio * 100) : null;
  } catch (error) {
    // A part of its API that not every explorer has.
    if (error instanceof AssayError && !error.retryable) return null;
    throw error;
  }
}

async function ask(url: string, signal: AbortSignal | undefined): Promise<unknown> {
  const asked = { who: WHO, maxBytes: MAX_BYTES, timeoutMs: TIMEOUT_MS, ...(signal ? { signal } : {}) };
  const { status, value } = await askJson(url, asked);
  if (status === 404)
    throw new AssayError('the explorer does not know that', {
      detail: 'HTTP 404: check the row in GOVERNANCE_SOURCES',
    });
  if (status !== 200) throw new AssayError(`the explorer answered HTTP ${status}`, { retryable: true });
  return value;
}

function queryOf(parameters: Readonly<Record<string, string | number | boolean | null>>): string {
  const pairs = Object.entries(parameters).slice(0, MAX_PARAMETERS);
  return `?${new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, String(value ?? '')]))}`;
}

const otherwise = (detail: string): AssayError =>
  new AssayError('the explorer answers otherwise than expected', { retryable: true, detail });
