import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { governanceRows } from '../../src/config/governanceRows.ts';
import { type DevSnapshot, type SnapshotFault, snapshotRow, startSnapshot } from './snapshot.ts';

const NOW = 1_800_000_000;

let seconds: number;
let hub: DevSnapshot;

beforeEach(async () => {
  seconds = NOW;
  hub = await startSnapshot({ nowSeconds: () => seconds });
});

afterEach(() => hub.close());

async function ask(query: string, variables: object = {}, headers: Record<string, string> = {}, timeoutMs = 10_000) {
  const answer = await fetch(hub.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(timeoutMs),
  });
  const text = await answer.text();
  let body: unknown = null;
  try {
    body = JSON.parse(text);
  } catch {
    // A fault that is no JSON.
  }
  return { status: answer.status, text, body: body as Answer, retryAfter: answer.headers.get('retry-after') };
}
interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: what a hub says has no type until it is read.
  data: Record<string, any>;
  errors?: { message: string }[];
}

const LIST = `query Open($space: String!, $since: Int, $first: Int!, $state: String) {
  proposals(first: $first, where: { space_in: [$space], created_gte: $since, state: $state }, orderBy: "created", orderDirection: asc) {
    id title state choices scores scores_total scores_state space { id } strategies { name network params }
  }
}`;
const VOTES = `query($in: [String], $after: Int) {
  votes(first: 1000, where: { proposal_in: $in, created_gt: $after }, orderBy: "created", orderDirection: asc) {
    id voter created choice vp proposal { id }
  }
}`;

describe('the Snapshot hub', () => {
  it('answers what was asked for, and nothing else', async () => {
    const first = hub.propose({ title: 'One', startSeconds: NOW - 500, endSeconds: NOW + 500 });
    const second = hub.propose({ title: 'Two', startSeconds: NOW + 50, createdSeconds: NOW - 400 });
    hub.propose({ space: 'other.eth' });
    hub.vote(first, '0xA', 1, 12.5);
    hub.vote(first, '0xB', 2, 3);
    const { body } = await ask(LIST, { space: 'devnet.eth', first: 10 });
    expect(body.data.proposals.map((one: { id: string; state: string }) => [one.id, one.state])).toEqual([
      [first, 'active'],
      [second, 'pending'],
    ]);
    expect(body.data.proposals[0]).toEqual({
      ...{ id: first, title: 'One', state: 'active', choices: ['For', 'Against', 'Abstain'] },
      ...{ scores: [12.5, 3, 0], scores_total: 15.5, scores_state: 'pending', space: { id: 'devnet.eth' } },
      strategies: [{ name: 'erc20-balance-of', network: '1', params: { symbol: 'VOTE', decimals: 18 } }],
    });
    seconds = NOW + 501;
    const closed = await ask(LIST, { space: 'devnet.eth', first: 10, state: 'closed' });
    expect(closed.body.data.proposals).toMatchObject([{ id: first, scores_state: 'final' }]);
    const recent = await ask(LIST, { space: 'devnet.eth', first: 10, since: NOW - 400 });
    expect(recent.body.data.proposals).toMatchObject([{ id: second }]);
    const one = await ask('{ a: proposal(id: "0x0") { id } b: space(id: "devnet.eth") { id proposalsCount symbol } }');
    expect(one.body.data).toEqual({ a: null, b: { id: 'devnet.eth', proposalsCount: 2, symbol: 'VOTE' } });
    hub.change(first, { end: NOW + 9_000 });
    expect((await ask(`{ proposal(id: "${first}") { end state } }`)).body.data.proposal).toEqual({
      ...{ end: NOW + 9_000, state: 'active' },
    });
    hub.remove(first);
    expect((await ask(VOTES, { in: [first] })).body.data.votes).toEqual([]);
  });

  it('hands out votes by a cursor of `created`, at most a thousand at once', async () => {
    const id = hub.propose();
    const cast: string[] = [];
    for (let at = 0; at < 2_300; at += 1) cast.push(hub.vote(id, `0x${at}`, 1, 1, { created: NOW + at }));
    const read: string[] = [];
    let after = 0;
    for (let turn = 0; turn < 9; turn += 1) {
      const { body } = await ask(VOTES, { in: [id], after });
      const page = body.data.votes as { id: string; created: number }[];
      read.push(...page.map((vote) => vote.id));
      after = page.at(-1)?.created ?? after;
      if (page.length < 1_000) break;
    }
    expect(read).toEqual(cast);
    for (const [args, limit] of [
      ['first: 1001', 1_000],
      ['skip: 5001', 5_000],
    ] as const) {
      const { status, body } = await ask(`{ votes(${args}) { id } }`);
      expect([status, body.data.votes]).toEqual([200, null]);
      expect(body.errors?.[0]?.message).toContain(`must not be greater than ${limit}`);
    }
    expect((await ask('{ votes(where: {proposal: "x"}) { id } }')).body.data.votes).toEqual([]);
    const newest = await ask('{ votes { created } }');
    expect(newest.body.data.votes[0]).toEqual({ created: NOW + 2_299 });
    expect(newest.body.data.votes).toHaveLength(20);
  });

  it.each([
    ['{ votes(where: {id_gt: "0x1"}) { id } }', 'not defined by type "VoteWhere"'],
    ['{ proposals(where: {end_gte: "soon"}) { id } }', 'Int cannot represent'],
    ['{ proposals(where: {created_gt: 99999999999}) { id } }', '32-bit'],
    ['{ proposals(where: {space: 7}) { id } }', 'String cannot represent'],
    ['{ proposals(limit: 7) { id } }', 'Unknown argument'],
    ['{ proposals(orderDirection: down) { id } }', 'OrderDirection'],
    ['{ proposals { id owner } }', 'Cannot query field "owner" on type "Proposal"'],
    ['{ proposals { space } }', 'must have a selection'],
    ['{ proposals { id { x } } }', 'must not have a selection'],
    ['{ proposals { id }', 'Syntax Error'],
    ['query($a: Int) { proposals(first: $b) { id } }', 'Variable "$b" is not defined'],
    ['query($a: Int!) { proposals(first: $a) { id } }', 'required type'],
    [`{ ${'abcdef'.replace(/./g, (name) => `${name}: space(id: "x") { id } `)} }`, 'too many root fields'],
  ])('refuses what its schema does not have: %s', async (query, words) => {
    const { status, body } = await ask(query);
    expect(status).toBe(400);
    expect(body.errors?.[0]?.message).toContain(words);
  });

  it('refuses too many questions a minute of those who have no key', async () => {
    hub.state.perMinute = 3;
    hub.state.apiKeys.add('key-of-ours');
    const statuses: number[] = [];
    for (let turn = 0; turn < 4; turn += 1) statuses.push((await ask('{ spaces { id } }')).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    expect(Number((await ask('{ spaces { id } }')).retryAfter)).toBeGreaterThan(50);
    expect((await ask('{ spaces { id } }', {}, { 'x-api-key': 'key-of-ours' })).status).toBe(200);
    expect((await ask('{ spaces { id } }', {}, { 'x-api-key': 'another' })).status).toBe(429);
    hub.forgetRequests();
    expect((await ask('{ spaces { id } }')).status).toBe(200);
    expect(hub.requests.filter(({ status }) => status === 429)).toHaveLength(3);
    expect(hub.requests.at(-2)?.apiKey).toBe('another');
  });

  it('hides the choices of a shielded vote until its end', async () => {
    const id = hub.propose({ privacy: 'shutter', endSeconds: NOW + 60, type: 'weighted' });
    hub.vote(id, '0xA', { 1: 3, 2: 1 }, 8);
    const query = `{ proposal(id: "${id}") { privacy scores scores_total } votes { choice vp } }`;
    const before = (await ask(query)).body.data;
    expect(before.proposal).toEqual({ privacy: 'shutter', scores: [0, 0, 0], scores_total: 8 });
    expect(before.votes).toEqual([{ choice: expect.stringMatching(/^0x[0-9a-f]{128}$/), vp: 8 }]);
    seconds = NOW + 61;
    const after = (await ask(query)).body.data;
    expect([after.proposal.scores, after.votes]).toEqual([[6, 2, 0], [{ choice: { 1: 3, 2: 1 }, vp: 8 }]]);
    hub.state.scoresPending = true;
    expect((await ask(`{ proposal(id: "${id}") { scores_state } }`)).body.data.proposal.scores_state).toBe('pending');
  });

  it('writes floats with exponents, and texts as they are', async () => {
    const id = hub.propose({ title: '\u202e<b>@everyone', extra: { quorum: 1e22 } });
    hub.vote(id, '0xA', [1, 2], 123_456.789, { reason: 'x'.repeat(10) });
    hub.state.exponents = true;
    const { text, body } = await ask(`{ votes { vp choice } proposal(id: "${id}") { title quorum scores } }`);
    expect(text).toContain('"vp":1.23456789e+5');
    expect(body.data.votes).toEqual([{ vp: 123_456.789, choice: [1, 2] }]);
    expect(body.data.proposal).toMatchObject({ title: '\u202e<b>@everyone', quorum: 1e22 });
  });

  it('replaces the vote of one who votes again', async () => {
    const id = hub.propose();
    const old = hub.vote(id, '0xA', 1, 2);
    seconds += 5;
    const renewed = hub.vote(id, '0xA', 2, 2);
    const { body } = await ask(`{ votes(where: {voter: "0xA"}) { id } proposal(id: "${id}") { scores votes } }`);
    expect(body.data).toEqual({ votes: [{ id: renewed }], proposal: { scores: [0, 2, 0], votes: 1 } });
    expect(old).not.toBe(renewed);
  });

  it.each<[SnapshotFault, number]>([
    ['error', 500],
    ['bad-gateway', 502],
    ['busy', 429],
    ['html', 200],
    ['not-json', 200],
    ['empty', 200],
    ['null-data', 200],
    ['failed', 200],
    ['wrong-shape', 200],
  ])('fails once as it is told, and then no more: %s', async (fault, status) => {
    const id = hub.propose();
    const query = '{ proposals { id } }';
    hub.failNext(fault);
    const failed = await ask(query);
    expect(failed.status).toBe(status);
    expect(failed.body?.data?.proposals ?? []).not.toEqual([{ id }]);
    expect((await ask(query)).body.data).toEqual({ proposals: [{ id }] });
    hub.state.fault = 'hang';
    await expect(ask(query, {}, {}, 200)).rejects.toThrow('timeout');
  });

  it('has a row that the configuration takes', () => {
    const [row] = governanceRows.parse(JSON.stringify([snapshotRow(hub)]));
    expect(row).toMatchObject({ kind: 'snapshot', api: hub.url, space: 'devnet.eth', apiKey: null, intervalMs: 1_000 });
  });
});
