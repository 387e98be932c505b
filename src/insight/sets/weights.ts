import { type SetKind, type SetMember, type SetReading, setId } from '../../lib/influence.ts';
import { radixOrder } from '../sortWeights.ts';

/** Weights by entity: several of one entity are one. */
export class Weights {
  readonly #byId = new Map<string, SetMember>();

  /** The first label that is given stays. */
  add(id: string, weight: bigint, label = id): void {
    const known = this.#byId.get(id);
    if (known === undefined) this.#byId.set(id, { id, label, weight });
    else known.weight += weight;
  }

  get size(): number {
    return this.#byId.size;
  }

  get total(): bigint {
    let sum = 0n;
    for (const { weight } of this.#byId.values()) sum += weight;
    return sum;
  }

  /** Heaviest first, those alike by id; without those that weigh nothing. */
  members(): SetMember[] {
    const members: SetMember[] = [];
    for (const member of this.#byId.values()) if (member.weight > 0n) members.push(member);
    return heaviestFirst(members);
  }
}

/** By the nearest floats first, a hundred thousand in a few ms, then exactly what these do not tell apart. */
function heaviestFirst(members: readonly SetMember[]): SetMember[] {
  const floats = Float64Array.from(members, ({ weight }) => Number(weight));
  const order = radixOrder(floats).reverse();
  const sorted = Array.from(order, (index) => members[index] as SetMember);
  for (let start = 0; start < sorted.length; ) {
    const float = floats[order[start] as number];
    let end = start + 1;
    while (end < sorted.length && floats[order[end] as number] === float) end += 1;
    if (end - start > 1) {
      for (const [at, member] of sorted.slice(start, end).sort(inOrder).entries()) sorted[start + at] = member;
    }
    start = end;
  }
  return sorted;
}

function inOrder(a: SetMember, b: SetMember): number {
  if (a.weight !== b.weight) return a.weight > b.weight ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}

/** What every set is made with. */
export interface SetInput {
  network: string;
  /** Of the facts, unix seconds. */
  atSeconds: number;
  /** Where they were read, in words. */
  words: string;
}

/** `left`: sentences, of which empty ones are dropped. */
export function setReading(
  kind: SetKind,
  { network, atSeconds, words }: SetInput,
  unit: SetReading['unit'],
  members: SetMember[],
  left: readonly string[],
): SetReading {
  // They are told in one sentence.
  const said = left.filter((text) => text !== '').map((text) => text.replace(/\.$/, ''));
  return { set: setId(network, kind), network, kind, unit, atSeconds, members, left: said, words };
}
