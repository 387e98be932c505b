import type { BlockRef, Hex } from '../lib/facts.ts';
import type { Db } from './client.ts';

/**
 * Blocks by which a chain is recognised again: those that logs were read up to, and an early one. Kept in Meta, oldest
 * first, under the name of the cursor that they belong to.
 */
const keyOf = (cursorName: string): string => `checkpoints:${cursorName}`;

type Row = [number: string, hash: Hex, timestampSeconds: number];

export async function readCheckpoints(db: Db, cursorName: string): Promise<BlockRef[]> {
  const row = await db.meta.findUnique({ where: { key: keyOf(cursorName) } });
  if (row === null) return [];
  return (JSON.parse(row.value) as Row[]).map(([number, hash, timestampSeconds]) => ({
    number: BigInt(number),
    hash,
    timestampSeconds,
  }));
}

export async function addCheckpoints(db: Db, cursorName: string, blocks: readonly BlockRef[]): Promise<void> {
  const all = new Map([...(await readCheckpoints(db, cursorName)), ...blocks].map((block) => [block.number, block]));
  await writeCheckpoints(db, cursorName, thinned([...all.values()].sort((a, b) => (a.number < b.number ? -1 : 1))));
}

/** Those above a block were of a branch that the chain has left. */
export async function dropCheckpointsAbove(db: Db, cursorName: string, block: BlockRef): Promise<void> {
  const all = await readCheckpoints(db, cursorName);
  await writeCheckpoints(
    db,
    cursorName,
    all.filter(({ number }) => number <= block.number),
  );
}

export async function forgetCheckpoints(db: Db, cursorName: string): Promise<void> {
  await db.meta.deleteMany({ where: { key: keyOf(cursorName) } });
}

async function writeCheckpoints(db: Db, cursorName: string, blocks: readonly BlockRef[]): Promise<void> {
  const rows = blocks.map(({ number, hash, timestampSeconds }): Row => [String(number), hash, timestampSeconds]);
  const [key, value] = [keyOf(cursorName), JSON.stringify(rows)];
  await db.meta.upsert({ where: { key }, create: { key, value }, update: { value } });
}

/**
 * The first, the newest, and between them the fewer the longer ago: one is left out where the gap this makes is no longer
 * than the way from there to the newest. So a chain's length adds only its logarithm.
 */
export function thinned(ascending: readonly BlockRef[]): BlockRef[] {
  const newest = ascending.at(-1)?.number ?? 0n;
  const kept: BlockRef[] = [];
  for (const [index, block] of ascending.entries()) {
    const [before, after] = [kept.at(-1), ascending[index + 1]];
    const spare = before && after && after.number - before.number <= newest - after.number;
    if (!spare) kept.push(block);
  }
  return kept;
}
