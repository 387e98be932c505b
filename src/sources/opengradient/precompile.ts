import { AssayError } from '../../lib/errors.ts';
import type { BlockRef, Hex } from '../../lib/facts.ts';
import { cleanText, shortHex } from '../../lib/units.ts';
import { type EvmClient, NoContractError, RefusedError, TooLargeAnswerError } from '../evm/client.ts';

/** A precompile of a Cosmos module, asked at one block. It may answer calls without having code. */
export interface Precompile {
  name: 'gov' | 'staking' | 'slashing';
  address: Hex;
  client: EvmClient;
  block: BlockRef;
}

/** The chain has none at that address, or has turned it off. */
export class NoPrecompileError extends AssayError {}

/** It answers, and not as it should: asking again soon does not help. */
export class OddAnswerError extends AssayError {}

/** As the Cosmos modules page their lists (cosmos.base.query.v1beta1). */
export const PAGE_STRUCTS = [
  'struct PageRequest { bytes key; uint64 offset; uint64 limit; bool countTotal; bool reverse; }',
  'struct PageResponse { bytes nextKey; uint64 total; }',
] as const;

interface PageRequest {
  key: Hex;
  offset: bigint;
  limit: bigint;
  countTotal: boolean;
  reverse: boolean;
}

interface Page<T> {
  items: readonly T[];
  nextKey: Hex;
}

/** Pages may be smaller than asked for, down to one entry. */
const MAX_PAGES = 500;

/** The end of a list: no key, or a single zero byte. */
const LAST = /^0x(00)?$/;

/** Raw answers in order, null where the precompile refuses. Rejects with AssayError; NoPrecompileError where nothing answers there. */
export async function ask(
  { name, address, client, block }: Precompile,
  calls: readonly Hex[],
): Promise<(Hex | null)[]> {
  try {
    return await client.calls(
      calls.map((data) => ({ to: address, data })),
      block,
    );
  } catch (error) {
    if (!(error instanceof NoContractError)) throw error;
    throw new NoPrecompileError(`the chain has no ${name} precompile at ${shortHex(address)}`, {
      retryable: true,
      detail: `${error.detail}: check OG_${name.toUpperCase()}_PRECOMPILE and OG_CHAIN_ID`,
    });
  }
}

/** What an answer means; a retryable AssayError where it is none of that call's. */
export function decoded<T>(
  { name, address }: Precompile,
  call: string,
  answer: Hex | null,
  decode: (data: Hex) => T,
): T {
  const short = `the ${name} precompile of the chain answers otherwise than expected`;
  if (answer === null) throw new OddAnswerError(short, { retryable: true, detail: `${address} refuses ${call}` });
  try {
    return decode(answer);
  } catch (error) {
    const why = error instanceof Error ? cleanText(error.message, 200) : 'unreadable';
    throw new OddAnswerError(short, { retryable: true, detail: `${call} of ${address} cannot be decoded: ${why}` });
  }
}

/**
 * The entries of a paged list, at most `max` of them. A page that is refused or too large is asked for in halves. `isComplete`: the
 * list has no more. Rejects with AssayError, also when its pages lead back to one that was read.
 */
export async function readPages<T>(
  at: Precompile,
  list: {
    call: string;
    encode: (page: PageRequest) => Hex;
    decode: (data: Hex) => Page<T>;
    pageSize: number;
    max: number;
    reverse?: boolean;
  },
): Promise<{ items: T[]; isComplete: boolean }> {
  const items: T[] = [];
  const seen = new Set<string>();
  let key: Hex = '0x';
  let limit = BigInt(Math.min(list.pageSize, list.max));
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    let answer: Hex | null;
    try {
      const page = { key, offset: 0n, limit, countTotal: false, reverse: list.reverse ?? false };
      [answer = null] = await ask(at, [list.encode(page)]);
    } catch (error) {
      if (limit === 1n || !(error instanceof RefusedError || error instanceof TooLargeAnswerError)) throw error;
      limit /= 2n;
      continue;
    }
    const page = decoded(at, list.call, answer, list.decode);
    items.push(...page.items.slice(0, list.max - items.length));
    const isCut = page.items.length > list.max;
    if (LAST.test(page.nextKey)) return { items, isComplete: !isCut };
    if (items.length >= list.max) return { items, isComplete: false };
    key = page.nextKey;
    if (seen.has(key)) {
      throw new AssayError(`the ${at.name} precompile of the chain repeats its pages`, {
        retryable: true,
        detail: `${list.call} of ${at.address} leads back to page key ${cleanText(key, 80)}`,
      });
    }
    seen.add(key);
  }
  return { items, isComplete: false };
}
