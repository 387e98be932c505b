import { cleanText, shortHex } from '../lib/units.ts';
import { currentRecord, type NodeInput } from './nodeHealth.ts';

/** What a node is called in a sentence: the host of its endpoint, else its short id. At most 60 characters. */
export function nodeLabel({ key, records }: Pick<NodeInput, 'key' | 'records'>): string {
  const endpoint = key.startsWith('tee:') ? '' : cleanText(key.replace(/^https?:\/\//, ''), 60);
  return endpoint || shortHex(currentRecord(records)?.teeId ?? key.slice(4));
}

/** The start of a node id that a button can carry and a person can type. */
export const shortNodeId = (teeId: string): string => teeId.slice(0, 14);
