import { type Hex, numberToHex, size } from 'viem';

/** Contracts so small, or so ill-behaved, that they are written by hand. For anvil_setCode. */

/** Answers every call with these bytes: PUSH3 n, DUP1, PUSH1 11, PUSH0, CODECOPY, PUSH0, RETURN. */
export const returning = (data: Hex): Hex => `0x62${hex(size(data), 3)}80600b5f395ff3${data.slice(2)}`;

/** Emits its input as one event: the first `topics` words are topics, the rest is data. */
export function emitting(topics: 0 | 1 | 2 | 3 | 4): Hex {
  const skipped = hex(topics * 32, 1);
  // CALLDATACOPY(0, skipped, CALLDATASIZE - skipped)
  let code = `60${skipped}360360${skipped}5f37`;
  for (let topic = topics - 1; topic >= 0; topic -= 1) code += `60${hex(topic * 32, 1)}35`;
  return `0x${code}60${skipped}36035f${(0xa0 + topics).toString(16)}00`;
}

/** Emits an event of that topic without data, whatever it is asked. */
export const announcing = (topic: Hex): Hex => `0x7f${topic.slice(2)}5f5fa100`;

/** Hands its input on to another contract. */
export const forwarding = (to: Hex): Hex => `0x365f5f375f5f365f5f73${to.slice(2)}5af100`;

export const REVERTING: Hex = '0x5f5ffd';
export const INVALID: Hex = '0xfe';
/** JUMPDEST, PUSH0, JUMP */
export const ENDLESS: Hex = '0x5b5f56';
/** RETURN(0, 16 MB) */
export const POURING: Hex = '0x63010000005ff3';

const hex = (value: number, bytes: number): string => numberToHex(value, { size: bytes }).slice(2);
