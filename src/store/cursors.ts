import type { Hex } from '../lib/facts.ts';
import type { Db } from './client.ts';
import { fromBig, toBig } from './numbers.ts';
import type { Cursor } from './store.ts';

/** How far logs have been read under that name; null before the first. */
export async function readCursor(db: Db, name: string): Promise<Cursor | null> {
  const row = await db.cursor.findUnique({ where: { name } });
  if (row === null) return null;
  const timestampSeconds = fromBig(row.blockTimestampSeconds);
  return { name, block: { number: row.blockNumber, hash: row.blockHash as Hex, timestampSeconds } };
}

export async function writeCursor(db: Db, { name, block }: Cursor): Promise<void> {
  const row = {
    blockNumber: block.number,
    blockHash: block.hash,
    blockTimestampSeconds: toBig(block.timestampSeconds),
  };
  await db.cursor.upsert({ where: { name }, create: { name, ...row }, update: row });
}
