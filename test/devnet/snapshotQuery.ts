import { GraphqlError, type Types } from './graphql.ts';

/** What can be asked of the hub, as its own schema says it. */
export const TYPES: Types = {
  Query: { space: 'Space', spaces: 'Space', proposal: 'Proposal', proposals: 'Proposal', votes: 'Vote', vp: 'Vp' },
  Space: {
    ...scalars('id name about network symbol admins members moderators private verified flagged'),
    ...scalars('proposalsCount followersCount votesCount'),
    ...{ strategies: 'Strategy', voting: 'Voting' },
  },
  Strategy: scalars('name network params'),
  Voting: scalars('delay period type quorum quorumType privacy hideAbstain'),
  Proposal: {
    ...scalars('id ipfs author created updated network symbol type title body discussion choices start end snapshot'),
    ...scalars('quorum quorumType privacy state link app flagged scores scores_total scores_by_strategy scores_state'),
    ...scalars('scores_updated votes'),
    ...{ strategies: 'Strategy', space: 'Space' },
  },
  Vote: {
    ...scalars('id ipfs voter created choice metadata reason app vp vp_by_strategy vp_state'),
    ...{ proposal: 'Proposal', space: 'Space' },
  },
  Vp: scalars('vp vp_by_strategy vp_state'),
};

function scalars(names: string): Record<string, 'scalar'> {
  return Object.fromEntries(names.split(' ').map((name) => [name, 'scalar']));
}

interface Listing {
  type: string;
  /** Compared as texts: equal, or in a list. */
  texts: readonly string[];
  /** Compared as whole numbers besides. */
  numbers: readonly string[];
  /** Others that a `where` may have. */
  others: readonly string[];
  orders: readonly string[];
}

export const LISTINGS = {
  spaces: { type: 'SpaceWhere', texts: ['id'], numbers: [], others: [], orders: [] },
  proposals: {
    type: 'ProposalWhere',
    texts: ['id', 'ipfs', 'space', 'author', 'network', 'app', 'type', 'scores_state'],
    numbers: ['created', 'updated', 'start', 'end'],
    others: ['state', 'title_contains', 'flagged'],
    orders: ['created', 'start', 'end'],
  },
  votes: {
    type: 'VoteWhere',
    texts: ['id', 'ipfs', 'space', 'voter', 'proposal', 'reason', 'app', 'vp_state'],
    numbers: ['created', 'vp'],
    others: [],
    orders: ['created', 'vp'],
  },
} as const satisfies Record<string, Listing>;

interface Row {
  id: string;
  created: number;
  [field: string]: unknown;
}

const COMPARE: Record<string, (held: number, asked: number) => boolean> = {
  gt: (held, asked) => held > asked,
  gte: (held, asked) => held >= asked,
  lt: (held, asked) => held < asked,
  lte: (held, asked) => held <= asked,
};
const MAX_INT = 2_147_483_647;

/** A limit that was passed: the hub answers 200 with `errors`. */
export class LimitError extends Error {}

/** Arguments that the hub's schema would refuse. Throws GraphqlError. */
export function checkArguments(listing: Listing, args: Record<string, unknown>): void {
  for (const name of Object.keys(args)) {
    if (!['first', 'skip', 'where', 'orderBy', 'orderDirection'].includes(name)) {
      throw new GraphqlError(`Unknown argument "${name}".`);
    }
  }
  for (const name of ['first', 'skip']) expectInt(args[name]);
  const direction = args.orderDirection ?? 'desc';
  if (direction !== 'asc' && direction !== 'desc') {
    throw new GraphqlError(`Value "${String(direction)}" does not exist in "OrderDirection" enum.`);
  }
  for (const [key, value] of Object.entries((args.where ?? {}) as object)) {
    const [, field = key, operator] = /^(.+?)(?:_(in|gt|gte|lt|lte))?$/.exec(key) ?? [];
    const isNumber = listing.numbers.includes(field);
    const known =
      listing.others.includes(key) ||
      (isNumber && field !== key) ||
      ((isNumber || listing.texts.includes(field)) && (operator === undefined || operator === 'in'));
    if (!known) throw new GraphqlError(`Field "${key}" is not defined by type "${listing.type}".`);
    if (isNumber && field !== 'vp') for (const one of [value].flat()) expectInt(one);
    if (!isNumber && key !== 'flagged') {
      for (const one of [value].flat()) {
        if (one !== null && typeof one !== 'string') {
          throw new GraphqlError(`String cannot represent a non string value: ${JSON.stringify(one)}`);
        }
      }
    }
  }
}

function expectInt(value: unknown): void {
  if (value === undefined || value === null) return;
  if (!Number.isInteger(value))
    throw new GraphqlError(`Int cannot represent non-integer value: ${JSON.stringify(value)}`);
  if (Math.abs(value as number) > MAX_INT) {
    throw new GraphqlError(`Int cannot represent non 32-bit signed integer value: ${String(value)}`);
  }
}

/** One page, as the hub cuts it: 20 unless said, newest first, ties by id. Throws LimitError beyond 1000 or a skip of 5000. */
export function listed<T extends Row>(rows: readonly T[], listing: Listing, args: Record<string, unknown>): T[] {
  const first = (args.first ?? 20) as number;
  const skip = (args.skip ?? 0) as number;
  if (first > 1_000) throw new LimitError('The `first` argument must not be greater than 1000');
  if (skip > 5_000) throw new LimitError('The `skip` argument must not be greater than 5000');
  const where = (args.where ?? {}) as Record<string, unknown>;
  const found = rows.filter((row) => Object.entries(where).every(([key, asked]) => matches(row, key, asked, listing)));
  const orderBy = listing.orders.includes(String(args.orderBy)) ? String(args.orderBy) : 'created';
  const sign = args.orderDirection === 'asc' ? 1 : -1;
  found.sort(
    (a, b) => sign * ((a[orderBy] as number) - (b[orderBy] as number)) || (a.id < b.id ? -1 : Number(a.id > b.id)),
  );
  return found.slice(skip, skip + first);
}

function matches(row: Row, key: string, asked: unknown, { others }: Listing): boolean {
  // What is empty or 0 filters nothing: the hub passes it over.
  if (!asked || (Array.isArray(asked) && asked.length === 0)) return true;
  if (key === 'title_contains') return String(row.title).includes(String(asked));
  if (others.includes(key)) return row[key] === asked;
  const [, field = key, operator] = /^(.+?)(?:_(in|gt|gte|lt|lte))?$/.exec(key) ?? [];
  const held = idOf(row[field]);
  if (operator === undefined) return held === asked;
  if (operator === 'in') return (asked as unknown[]).includes(held);
  return COMPARE[operator]?.(held as number, asked as number) ?? true;
}

/** A space or a proposal is compared by its id. */
const idOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'id' in value ? value.id : value;
