import { type AbiFunction, type AbiParameter, toFunctionSelector } from 'viem';
import type { Hex } from '../../lib/facts.ts';

/**
 * Encodes and decodes calls whose values are single words (numbers, addresses, booleans) as viem does, at a fiftieth of its cost: of an
 * escrow with many locks, hundreds of thousands are asked. Addresses come in lower case.
 */
export interface PlainFunction {
  encode(args: readonly unknown[]): Hex;
  /** Throws when the answer is too short, or no such value. */
  decode(data: Hex): unknown;
}

/** null when one of its values is more than a word. */
export function plainFunction(abi: AbiFunction): PlainFunction | null {
  const reads = abi.outputs.map(readerOf);
  if (!abi.inputs.every(({ type }) => WORD.test(type)) || reads.some((read) => read === null)) return null;
  const selector = toFunctionSelector(abi);
  return {
    encode: (args) => `${selector}${args.map(wordOf).join('')}` as Hex,
    decode(data) {
      const values = reads.map((read, index) => {
        const word = data.slice(2 + index * 64, 66 + index * 64);
        if (!HEX.test(word)) throw new Error('the answer is too short');
        return (read as Reader)(word);
      });
      return values.length === 1 ? values[0] : values;
    },
  };
}

type Reader = (word: string) => unknown;

const WORD = /^(?:u?int(?:\d+)?|address|bool)$/;
const HEX = /^[0-9a-f]{64}$/i;

/** Numbers of up to 48 bits are numbers, as in viem. */
function readerOf({ type }: AbiParameter): Reader | null {
  if (type === 'address') return (word) => `0x${word.slice(24).toLowerCase()}`;
  if (type === 'bool') return (word) => BigInt(`0x${word}`) === 1n;
  const [, unsigned, bitsText] = /^(u?)int(\d+)?$/.exec(type) ?? [];
  if (unsigned === undefined) return null;
  const bits = Number(bitsText ?? 256);
  return (word) => {
    const raw = BigInt(`0x${word}`);
    const value = unsigned === 'u' ? raw : BigInt.asIntN(256, raw);
    const inRange = unsigned === 'u' ? BigInt.asUintN(bits, raw) === raw : BigInt.asIntN(bits, value) === value;
    if (!inRange) throw new Error(`the answer is no ${type}`);
    return bits <= 48 ? Number(value) : value;
  };
}

function wordOf(value: unknown): string {
  if (typeof value === 'string') return value.slice(2).toLowerCase().padStart(64, '0');
  return BigInt.asUintN(256, BigInt(value as bigint))
    .toString(16)
    .padStart(64, '0');
}
