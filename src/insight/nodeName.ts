/** What people call a node by. */
export interface NamedNode {
  id: number;
  key: string;
  /** The registration that stands for it now, then former ones. */
  teeIds: readonly string[];
  owner: string;
}

export type Resolved =
  | { kind: 'node'; id: number }
  /** An owner with any number of nodes. */
  | { kind: 'owner'; owner: string; ids: number[] }
  | { kind: 'ambiguous'; ids: number[] }
  | { kind: 'unknown'; nearest: number[] };

const MIN_PREFIX = 4;
const MAX_NEAREST = 5;
const MAX_TYPED = 300;

/**
 * Finds the node that a text means: node id, unique start of one (4 hex digits or more), endpoint with or without
 * scheme, or an owner's address. Never throws; `nearest` holds at most five that look alike.
 */
export function resolveNode(typed: string, nodes: readonly NamedNode[]): Resolved {
  const text = typed.trim().toLowerCase().slice(0, MAX_TYPED);
  const endpoint = bare(text);
  const exact = nodes.filter(({ key, teeIds }) => text !== '' && (teeIds.includes(text) || bare(key) === endpoint));
  if (exact.length === 1) return { kind: 'node', id: (exact[0] as NamedNode).id };
  if (/^0x[0-9a-f]{40}$/.test(text)) {
    const ids = nodes.filter(({ owner }) => owner === text).map(({ id }) => id);
    if (ids.length > 0) return { kind: 'owner', owner: text, ids };
  }
  const digits = /^(?:0x)?([0-9a-f]+)$/.exec(text)?.[1];
  if (digits !== undefined && digits.length >= MIN_PREFIX) {
    const ids = nodes.filter(({ teeIds }) => teeIds.some((id) => id.startsWith(`0x${digits}`))).map(({ id }) => id);
    if (ids.length === 1) return { kind: 'node', id: ids[0] as number };
    if (ids.length > 1) return { kind: 'ambiguous', ids };
  }
  const within = endpoint.length >= 3 ? nodes.filter(({ key }) => bare(key).includes(endpoint)) : [];
  if (within.length === 1) return { kind: 'node', id: (within[0] as NamedNode).id };
  if (within.length > 1) return { kind: 'ambiguous', ids: within.map(({ id }) => id) };
  return { kind: 'unknown', nearest: nearest(text, nodes) };
}

/** An endpoint as people type it: no scheme, no default port, no trailing slash. */
const bare = (endpoint: string): string =>
  endpoint
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/\/+$/, '')
    .replace(/:443$/, '');

function nearest(text: string, nodes: readonly NamedNode[]): number[] {
  const scored = nodes.map(({ id, key, teeIds }) => ({
    id,
    score: Math.max(
      likeness(bare(text), bare(key)),
      likeness(text, (teeIds[0] ?? '').slice(0, Math.max(6, text.length))),
    ),
  }));
  return scored
    .sort((a, b) => b.score - a.score || a.id - b.id)
    .slice(0, MAX_NEAREST)
    .map(({ id }) => id);
}

/** How many of the typed pairs of characters the other has, in the manner of Dice's coefficient: 0 none, 1 alike. */
function likeness(typed: string, other: string): number {
  if (typed.length < 2 || other.length < 2) return 0;
  let shared = 0;
  for (let at = 0; at < typed.length - 1; at += 1) if (other.includes(typed.slice(at, at + 2))) shared += 1;
  return (2 * shared) / (typed.length + other.length - 2);
}
