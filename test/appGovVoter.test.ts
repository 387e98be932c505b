import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type GovernanceStory, startGovernanceStory } from './devnet/governanceStory.ts';

vi.setConfig({ testTimeout: 90_000 });

const HOUR = 3_600;
const DAY = 86_400;
const LATE = 60;

let story: GovernanceStory;

const addressOf = (name: string): string => story.governance.validators.find(name).address;
const now = (): number => story.network.chain.nowSeconds();
const toldOf = (id: bigint, step: string): RegExp => new RegExp(`Voting ends in ${step}, not voted: #${id}`);

/** `listener` follows aurora, `asker` cirrus. */
beforeAll(async () => {
  story = await startGovernanceStory();
  await story.start();
  for (const [place, name] of [
    [story.listener, 'aurora'],
    [story.asker, 'cirrus'],
  ] as const) {
    const { discord } = await story.ask(place, 'alerts add', { kind: 'voter', target: addressOf(name) });
    expect(discord).toMatch(/votes of 0x/);
  }
}, 90_000);

afterAll(async () => {
  await story.close();
});

const silent = (): void => {
  for (const place of [story.listener, story.asker]) {
    expect(story.times(place, /not voted/)).toEqual(before.get(place));
  }
};
const before = new Map<object, [number, number]>();
const mark = (): void => {
  for (const place of [story.listener, story.asker]) before.set(place, story.times(place, /not voted/));
};

describe('a followed voter', () => {
  it('is reminded once a step while they have not voted, and no more once they have', async () => {
    const end = now() + 2 * DAY;
    const id = await story.governance.submit({ title: 'Change the fees', endSeconds: end });
    await story.governance.vote(id, 'cirrus', 'yes');
    await story.turn();
    await story.turnAt(end - DAY + LATE);
    await story.toldOnce(story.listener, toldOf(id, '24 h'));
    expect(story.heard(story.listener).telegram.at(-1)).toContain(addressOf('aurora'));
    await story.restart();
    await story.turn(HOUR);
    await story.toldOnce(story.listener, toldOf(id, '24 h'));
    await story.governance.vote(id, 'aurora', 'no');
    await story.turn();
    mark();
    await story.turnAt(end - 6 * HOUR + LATE);
    await story.turnAt(end - HOUR + LATE);
    silent();
    expect(story.times(story.asker, /Voting ends/)).toEqual([0, 0]);
  });

  it('is not said to have missed a vote whose votes the chain has deleted', async () => {
    const end = now() + 2 * DAY;
    const id = await story.governance.submit({ title: 'Pruned', endSeconds: end });
    for (const name of ['aurora', 'cirrus']) await story.governance.vote(id, name, 'yes');
    await story.turn();
    mark();
    // An answer that is too late: it is still said to be voted on, and its votes are gone.
    await story.governance.prune(id);
    await story.turnAt(end - DAY + LATE);
    await story.turnAt(end - HOUR + LATE);
    silent();
    await story.turnAt(end + 1);
    await story.governance.finish(id, 'passed');
    await story.turn();
    await story.restart();
    silent();
    const { discord } = await story.ask(story.asker, 'gov voter', { voter: addressOf('aurora') });
    expect(discord).not.toMatch(/not voted[^\n]*Pruned|Pruned[^\n]*not voted/);
  });

  it('is not said to have missed a vote by one empty answer', async () => {
    const end = now() + 2 * DAY;
    const id = await story.governance.submit({ title: 'Blink', endSeconds: end });
    for (const name of ['aurora', 'cirrus']) await story.governance.vote(id, name, 'yes');
    await story.turn();
    mark();
    story.governance.emptyNext('votes', 1);
    await story.turnAt(end - 6 * HOUR + LATE);
    expect(story.governance.emptiesLeft('votes')).toBe(0);
    await story.turn();
    silent();
    await story.turnAt(end + 1);
    await story.governance.finish(id, 'passed');
    await story.turn();
  });

  it('is reminded of nothing that could not be asked, and as soon as it can', async () => {
    const end = now() + 2 * DAY;
    const id = await story.governance.submit({ title: 'Not read', endSeconds: end });
    await story.turnAt(end - DAY - HOUR);
    mark();
    const { rpc } = story.world;
    rpc.instead = (method, [call]) => {
      const { to = '' } = (call ?? {}) as { to?: string };
      return method === 'eth_call' && to.toLowerCase() === story.governance.address ? '0x12' : null;
    };
    await story.mine(HOUR + LATE);
    await story.wait(100_000);
    silent();
    rpc.instead = story.governance.emptyAnswer;
    await story.turn();
    await story.toldOnce(story.listener, toldOf(id, '24 h'));
    await story.toldOnce(story.asker, toldOf(id, '24 h'));
  });

  it('hears of nothing else of governance', () => {
    for (const place of [story.listener, story.asker]) {
      for (const text of story.heard(place).telegram) expect(text).toMatch(/not voted|read/);
    }
  });
});
