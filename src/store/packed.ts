import { setImmediate as turn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';

/** Rows that are written or read before the process may do something else. */
const PORTION = 2_000;

const [compress, expand] = [promisify(gzip), promisify(gunzip)];

/** Many small rows (of text, numbers, booleans, null) as compressed JSON, a line each portion of them. */
export async function pack(rows: readonly unknown[][]): Promise<Uint8Array<ArrayBuffer>> {
  const lines: string[] = [];
  for (let at = 0; at < rows.length; at += PORTION) {
    if (at > 0) await turn();
    lines.push(JSON.stringify(rows.slice(at, at + PORTION)));
  }
  return new Uint8Array(await compress(lines.join('\n'), { level: 1 }));
}

/** What was packed; throws when it is damaged. */
export async function unpack(bytes: Uint8Array): Promise<unknown[][]> {
  const text = (await expand(bytes)).toString('utf8');
  const rows: unknown[][] = [];
  for (const [index, line] of (text === '' ? [] : text.split('\n')).entries()) {
    if (index > 0) await turn();
    rows.push(...(JSON.parse(line) as unknown[][]));
  }
  return rows;
}
