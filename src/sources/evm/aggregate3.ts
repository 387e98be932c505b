import type { Hex } from '../../lib/facts.ts';
import { wordAt } from './abiWords.ts';
import type { Call } from './client.ts';

/**
 * Multicall3's `aggregate3((address target, bool allowFailure, bytes callData)[]) returns ((bool success, bytes returnData)[])`, by hand:
 * viem takes a hundred times as long for it. Checked against viem in the tests.
 */
const SELECTOR = '82ad56cb';

const word = (value: number): string => value.toString(16).padStart(64, '0');
const bytesIn = (hex: Hex): number => (hex.length - 2) / 2;
const padded = (bytes: number): number => Math.ceil(bytes / 32) * 32;

/** Every call may fail. */
export function encodeAggregate3(calls: readonly Call[]): Hex {
  const offsets: string[] = [];
  const tuples: string[] = [];
  let offset = calls.length * 32;
  for (const { to, data } of calls) {
    const bytes = bytesIn(data);
    offsets.push(word(offset));
    tuples.push(
      to.slice(2).toLowerCase().padStart(64, '0') + word(1) + word(96) + word(bytes),
      data.slice(2).padEnd(padded(bytes) * 2, '0'),
    );
    offset += 128 + padded(bytes);
  }
  return `0x${SELECTOR}${word(32)}${word(calls.length)}${offsets.join('')}${tuples.join('')}`;
}

export interface CallResult {
  success: boolean;
  returnData: Hex;
}

/** null when the answer is not that of so many calls. */
export function decodeAggregate3(data: Hex, count: number): CallResult[] | null {
  if (wordAt(data, 0) !== 32 || wordAt(data, 32) !== count) return null;
  const results: CallResult[] = [];
  for (let index = 0; index < count; index += 1) {
    const offset = wordAt(data, 64 + index * 32);
    if (offset === null) return null;
    const at = 64 + offset;
    const success = wordAt(data, at);
    const inner = wordAt(data, at + 32);
    const length = inner === null ? null : wordAt(data, at + inner);
    if (success === null || inner === null || length === null) return null;
    const start = 2 + (at + inner + 32) * 2;
    const returnData: Hex = `0x${data.slice(start, start + length * 2)}`;
    if (returnData.length !== 2 + length * 2) return null;
    results.push({ success: success === 1, returnData });
  }
  return results;
}
