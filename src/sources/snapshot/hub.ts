import type { Clock } from '../../lib/clock.ts';
import { AssayError } from '../../lib/errors.ts';
import { cleanText } from '../../lib/units.ts';
import { askJson } from '../http/askJson.ts';
import { Pace } from './pace.ts';
import { type HubProposal, type HubVote, readProposal, readVote } from './shapes.ts';

/** The hub allows 100 a minute without a key; with one, two million a month. */
const KEYLESS_A_MINUTE = 60;
const KEYED_A_MINUTE = 240;

/** A page of proposals, with bodies of up to some ten thousand characters; and of votes, as large as the hub allows. */
const PROPOSALS_A_PAGE = 100;
const VOTES_A_PAGE = 1_000;

const MAX_BYTES = 16 * 1024 * 1024;
const TIMEOUT_MS = 20_000;

const PROPOSAL =
  '{ id created title body author type choices start end state quorum scores votes privacy link space { id } }';
const PROPOSALS = `query Proposals($space: String!, $from: Int!, $first: Int!, $skip: Int!) {
  space(id: $space) { id symbol }
  proposals(first: $first, skip: $skip, where: { space: $space, created_gte: $from }, orderBy: "created", orderDirection: asc) ${PROPOSAL}
}`;
const SOME = `query Some($space: String!, $ids: [String]!, $first: Int!) {
  space(id: $space) { id symbol }
  proposals(first: $first, where: { space: $space, id_in: $ids }) ${PROPOSAL}
}`;
const VOTES = `query Votes($proposal: String!, $from: Int!, $first: Int!, $skip: Int!) {
  votes(first: $first, skip: $skip, where: { proposal: $proposal, created_gte: $from }, orderBy: "created", orderDirection: asc) { id voter created choice vp }
}`;

interface Options {
  api: string;
  /** Secret. */
  apiKey: string | null;
  space: string;
  clock: Clock;
}

export interface HubPage<T> {
  rows: T[];
  /** As many as were asked for: there may be more. */
  hasMore: boolean;
  /** Rows as they came, the unreadable ones among them. */
  count: number;
}

/**
 * One space of a Snapshot hub, at a pace that its limits allow. Every question rejects with AssayError; with `retryAfterMs` when the
 * hub asks for a pause.
 */
export class SnapshotHub {
  readonly #options: Options;
  readonly #pace: Pace;

  constructor(options: Options) {
    this.#options = options;
    this.#pace = new Pace(options.clock, options.apiKey === null ? KEYLESS_A_MINUTE : KEYED_A_MINUTE, 60_000);
  }

  /** Proposals that were made at or after that time, oldest first. */
  async proposals(createdFrom: number, skip: number, signal?: AbortSignal): Promise<HubPage<HubProposal>> {
    const page = { from: createdFrom, first: PROPOSALS_A_PAGE, skip };
    return this.#asProposals(await this.#ask(PROPOSALS, { space: this.#options.space, ...page }, signal));
  }

  /** At most 100, by id. `unlisted`: those that it does not have; one that it lists and that cannot be read is in neither. */
  async some(ids: readonly string[], signal?: AbortSignal): Promise<{ proposals: HubProposal[]; unlisted: string[] }> {
    const asked = { space: this.#options.space, ids, first: PROPOSALS_A_PAGE };
    const data = await this.#ask(SOME, asked, signal);
    const { rows } = this.#asProposals(data);
    const listed = new Set(listOf(data.proposals).map((row) => (row as { id?: unknown } | null)?.id));
    return { proposals: rows, unlisted: ids.filter((id) => !listed.has(id)) };
  }

  /** Votes on it that were cast at or after that time, oldest first. */
  async votes(
    proposal: HubProposal,
    createdFrom: number,
    skip: number,
    signal?: AbortSignal,
  ): Promise<HubPage<HubVote>> {
    const page = { from: createdFrom, first: VOTES_A_PAGE, skip };
    const data = await this.#ask(VOTES, { proposal: proposal.id, ...page }, signal);
    const list = listOf(data.votes);
    const rows = list.flatMap((row) => readVote(row, proposal) ?? []);
    return { rows, hasMore: list.length >= VOTES_A_PAGE, count: list.length };
  }

  #asProposals(data: Record<string, unknown>): HubPage<HubProposal> {
    const { space } = this.#options;
    const list = listOf(data.proposals);
    const found = data.space as { symbol?: unknown } | null | undefined;
    if (found === undefined) throw otherwise();
    if (found === null && list.length === 0) {
      const detail = `the hub answers null for the space ${space}`;
      throw new AssayError(`Snapshot knows no space ${cleanText(space, 80)}`, { retryable: true, detail });
    }
    const symbol = typeof found?.symbol === 'string' ? cleanText(found.symbol.slice(0, 80), 12) : '';
    const rows = list.flatMap((row) => {
      // Another space's would be mistaken for this one's.
      const of = (row as { space?: { id?: unknown } } | null)?.space?.id;
      return (of === space && readProposal(row, symbol || 'votes')) || [];
    });
    return { rows, hasMore: list.length >= PROPOSALS_A_PAGE, count: list.length };
  }

  async #ask(query: string, variables: object, signal?: AbortSignal): Promise<Record<string, unknown>> {
    const { api, apiKey } = this.#options;
    await this.#pace.turn(signal);
    const { status, value } = await askJson(api, {
      ...{ who: 'Snapshot', maxBytes: MAX_BYTES, timeoutMs: TIMEOUT_MS, exact: true },
      post: { query, variables },
      ...(apiKey === null ? {} : { headers: { 'x-api-key': apiKey } }),
      ...(signal ? { signal } : {}),
    });
    if (status !== 200) throw new AssayError(`Snapshot answered HTTP ${status}`, { retryable: true });
    const { data, errors } = (value ?? {}) as { data?: unknown; errors?: { message?: unknown }[] };
    if (Array.isArray(errors) && errors.length > 0) {
      const detail = cleanText(String(errors[0]?.message ?? '').slice(0, 400), 200);
      throw new AssayError('Snapshot could not answer', { retryable: true, detail: `Snapshot: ${detail}` });
    }
    if (typeof data !== 'object' || data === null) throw otherwise();
    return data as Record<string, unknown>;
  }
}

function listOf(value: unknown): readonly unknown[] {
  // No list is not an empty list.
  if (!Array.isArray(value)) throw otherwise();
  return value;
}

const otherwise = (): AssayError => new AssayError('Snapshot answers otherwise than it did', { retryable: true });
