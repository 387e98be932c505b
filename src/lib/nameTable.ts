/** Names in all, in bytes. */
const MAX_BYTES = 2 ** 30;
const STEP_BYTES = 2 ** 20;
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * Numbers names in the order in which they come; a name that was there keeps its number. Names are bytes, compared as such. A million
 * take a third of the memory of a Map of strings.
 */
export class NameTable {
  readonly #bytes = new Uint8Array(new ArrayBuffer(0, { maxByteLength: MAX_BYTES }));
  /** Where each name begins, and after the last one. */
  #starts = new Uint32Array(1_025);
  #hashes = new Uint32Array(1_024);
  /** Number + 1 of the name in each place; 0: free. */
  #places = new Int32Array(4_096);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The number, from 0, of the name at bytes `start` to `end`. Throws RangeError when all together are longer than 1 GiB. */
  add(from: Uint8Array, start: number, end: number): number {
    if (2 * this.#size >= this.#places.length) this.#widen();
    const hash = hashOf(from, start, end);
    const mask = this.#places.length - 1;
    let place = hash & mask;
    for (let found = this.#places[place] as number; found > 0; found = this.#places[place] as number) {
      if (this.#hashes[found - 1] === hash && this.#isSame(found - 1, from, start, end)) return found - 1;
      place = (place + 1) & mask;
    }
    this.#append(from, start, end, hash);
    this.#places[place] = this.#size;
    return this.#size - 1;
  }

  /** Forgets all names, and gives their memory back at once. */
  clear(): void {
    this.#bytes.buffer.resize(0);
    this.#size = 0;
    this.#starts = new Uint32Array(1_025);
    this.#hashes = new Uint32Array(1_024);
    this.#places = new Int32Array(4_096);
  }

  #append(from: Uint8Array, start: number, end: number, hash: number): void {
    const at = this.#starts[this.#size] as number;
    const after = at + end - start;
    const { buffer } = this.#bytes;
    if (after > MAX_BYTES) throw new RangeError('the names are longer than 1 GiB');
    if (after > buffer.byteLength) buffer.resize(Math.min(MAX_BYTES, after + STEP_BYTES));
    for (let index = start; index < end; index += 1) this.#bytes[at + index - start] = from[index] as number;
    if (this.#size === this.#hashes.length) {
      this.#hashes = twice(this.#hashes, 0);
      this.#starts = twice(this.#starts, 1);
    }
    this.#hashes[this.#size] = hash;
    this.#size += 1;
    this.#starts[this.#size] = after;
  }

  #isSame(index: number, from: Uint8Array, start: number, end: number): boolean {
    const at = this.#starts[index] as number;
    if ((this.#starts[index + 1] as number) - at !== end - start) return false;
    for (let offset = 0; offset < end - start; offset += 1) {
      if (this.#bytes[at + offset] !== from[start + offset]) return false;
    }
    return true;
  }

  #widen(): void {
    const places = new Int32Array(2 * this.#places.length);
    const mask = places.length - 1;
    for (let index = 0; index < this.#size; index += 1) {
      let place = (this.#hashes[index] as number) & mask;
      while (places[place] !== 0) place = (place + 1) & mask;
      places[place] = index + 1;
    }
    this.#places = places;
  }
}

/** FNV-1a, 32 bits, mixed once more so that its low bits depend on all. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = FNV_OFFSET;
  for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ (bytes[at] as number), FNV_PRIME);
  return (hash ^ (hash >>> 15)) >>> 0;
}

function twice(numbers: Uint32Array, more: number): Uint32Array<ArrayBuffer> {
  const longer = new Uint32Array(2 * (numbers.length - more) + more);
  longer.set(numbers);
  return longer;
}
