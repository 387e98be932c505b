import {
  type Abi,
  type AbiFunction,
  type ContractFunctionArgs,
  type ContractFunctionName,
  type ContractFunctionReturnType,
  decodeFunctionResult,
  encodeFunctionData,
} from 'viem';
import type { BlockRef, Hex } from '../../lib/facts.ts';
import type { CallReader } from './multicall.ts';
import { type PlainFunction, plainFunction } from './plainAbi.ts';

type ViewName<A extends Abi> = ContractFunctionName<A, 'view' | 'pure'>;
type Answer<A extends Abi, N extends ViewName<A>> = ContractFunctionReturnType<A, 'view' | 'pure', N>;

/** One question to a contract; `to` null is answered with null. */
export interface Question<A extends Abi, N extends ViewName<A>> {
  to: Hex | null;
  name: N;
  args?: ContractFunctionArgs<A, 'view' | 'pure', N>;
}

/** Views of contracts by their ABI, at one block. What a contract refuses, lacks or answers otherwise is null. */
export class Views<const A extends Abi> {
  readonly #abi: A;
  readonly #reader: CallReader;
  readonly #block: BlockRef;
  readonly #signal: AbortSignal | undefined;
  /** By name; null: its values are more than words. */
  readonly #plain = new Map<string, PlainFunction | null>();

  constructor(abi: A, reader: CallReader, block: BlockRef, signal?: AbortSignal) {
    this.#abi = abi;
    this.#reader = reader;
    this.#block = block;
    this.#signal = signal;
  }

  /** Answers in order. */
  async all<N extends ViewName<A>>(questions: readonly Question<A, N>[]): Promise<(Answer<A, N> | null)[]> {
    const asked = questions.flatMap(({ to, name, args = [] }) =>
      to === null ? [] : [{ to, data: this.#encode(name, args as readonly unknown[]) }],
    );
    const answers = await this.#reader.read(asked, this.#block, this.#signal);
    let next = 0;
    return questions.map(({ to, name }) => (to === null ? null : this.#decode(name, answers[next++] ?? null)));
  }

  /** Each of these views of one contract, by its name. */
  async named<const N extends ViewName<A>>(
    to: Hex | null,
    names: readonly N[],
  ): Promise<{ [K in N]: Answer<A, K> | null }> {
    const answers = await this.all<N>(names.map((name) => ({ to, name })));
    return Object.fromEntries(names.map((name, index) => [name, answers[index]])) as {
      [K in N]: Answer<A, K> | null;
    };
  }

  #plainOf(name: string): PlainFunction | null {
    let plain = this.#plain.get(name);
    if (plain === undefined) {
      const found = (this.#abi as Abi).find((item) => item.type === 'function' && item.name === name);
      plain = found === undefined ? null : plainFunction(found as AbiFunction);
      this.#plain.set(name, plain);
    }
    return plain;
  }

  #encode(functionName: string, args: readonly unknown[]): Hex {
    return (
      this.#plainOf(functionName)?.encode(args) ?? encodeFunctionData({ abi: this.#abi as Abi, functionName, args })
    );
  }

  #decode<N extends ViewName<A>>(name: N, data: Hex | null): Answer<A, N> | null {
    if (data === null) return null;
    const functionName = name as string;
    try {
      const plain = this.#plainOf(functionName);
      const found = plain ? plain.decode(data) : decodeFunctionResult({ abi: this.#abi as Abi, functionName, data });
      return found as Answer<A, N>;
    } catch {
      return null;
    }
  }
}
