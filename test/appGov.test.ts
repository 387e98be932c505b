import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type GovernanceStory, startGovernanceStory } from './devnet/governanceStory.ts';
import type { Answer } from './devnet/proofStory.ts';
import { POWER_UNIT } from './devnet/validators.ts';

vi.setConfig({ testTimeout: 90_000 });

const HOUR = 3_600;
const DAY = 86_400;
/** A turn, and then some, before a step is due: the reminder comes with the next reading. */
const LATE = 60;

let story: GovernanceStory;

beforeAll(async () => {
  story = await startGovernanceStory();
  const { governance, network } = story;
  await governance.submit({ title: 'From before', endSeconds: network.chain.nowSeconds() + 28 * DAY });
  await story.start();
  await story.ask(story.listener, 'alerts add', { kind: 'gov', target: 'all' });
  await story.ask(
    story.asker,
    'alerts add',
    { kind: 'gov', target: 'opengradient', steps: '6h,1h' },
    'alerts add gov opengradient steps:6h,1h',
  );
}, 90_000);

afterAll(async () => {
  await story.close();
});

const now = (): number => story.network.chain.nowSeconds();
const told = (what: RegExp): Promise<void> => story.toldOnce(story.listener, what);
const never = (what: RegExp): void => expect(story.times(story.listener, what), String(what)).toEqual([0, 0]);

async function expectBoth(command: string, options: Record<string, string>, ...patterns: RegExp[]): Promise<Answer> {
  const answer = await story.ask(story.asker, command, options);
  for (const text of [answer.discord, answer.telegram]) for (const one of patterns) expect(text).toMatch(one);
  return answer;
}

describe('a proposal from its beginning to its result', () => {
  let id: bigint;
  let end: number;

  it('is told once in both apps when it is there; one that was there before is not', async () => {
    end = now() + 2 * DAY;
    id = await story.governance.submit({ title: 'Raise the block gas limit', endSeconds: end });
    await story.turn();
    await told(/New proposal: #2 Raise the block gas limit/);
    await story.restart();
    await told(/New proposal/);
    never(/From before/);
    await expectBoth('gov proposals', {}, /#2 Raise the block gas limit/, /#1 From before/);
  });

  it('is called to mind a day, six hours and an hour before its end, once each, to each chat as it chose', async () => {
    await story.turnAt(end - DAY - HOUR);
    never(/Voting ends in/);
    await story.turnAt(end - DAY + LATE);
    await told(/Voting ends in 24 h/);
    await story.turn(HOUR);
    await story.turnAt(end - 6 * HOUR + LATE);
    await told(/Voting ends in 6 h/);
    await story.restart();
    await told(/Voting ends in 6 h/);
    await told(/Voting ends in 24 h/);
    expect(story.times(story.asker, /Voting ends in 24 h/)).toEqual([0, 0]);
    await story.toldOnce(story.asker, /Voting ends in 6 h/);
  });

  it('is at risk of its quorum until enough have voted; the vote that turned it is named', async () => {
    await told(/Quorum at risk/);
    await story.governance.vote(id, 'aurora', 'yes');
    await story.turn();
    never(/Quorum reached/);
    await story.governance.vote(id, 'boreas', 'yes');
    await story.turn();
    await told(/Quorum reached/);
    await told(new RegExp(`A vote turned the outcome[\\s\\S]*${story.governance.validators.find('boreas').address}`));
    await expectBoth(
      'gov proposal',
      { id: '2' },
      /turnout 40 %/,
      /Not voted yet: (\w+(, )?){3}(\*\*)? \(3 of 5 validators\)/,
    );
    await story.turnAt(end - HOUR + LATE);
    await told(/Voting ends in 1 h/);
    await story.toldOnce(story.asker, /Voting ends in 1 h/);
    await told(/Quorum at risk/);
  });

  it('is over: its result is told once with its turnout, and the votes that the chain has deleted are kept', async () => {
    await story.governance.vote(id, 'cirrus', 'no');
    await story.turn();
    await story.turnAt(end + 1);
    await story.governance.finish(id, 'passed');
    await story.turn();
    await told(/Result, passed: #2[\s\S]*[Tt]urnout 60 % of bonded power/);
    await story.restart();
    await told(/Result/);
    for (const step of ['24', '6', '1']) await told(new RegExp(`Voting ends in ${step} h`));
    const { discord } = await expectBoth('gov proposal', { id: '2' }, /60 %/);
    expect(discord).not.toMatch(/Not voted yet: [\w, ]*(aurora|boreas|cirrus)/);
    await expectBoth('gov voter', { voter: 'aurora' }, /Raise the block gas limit|#2/);
  });
});

describe('a proposal whose end is moved', () => {
  it('is called to mind once for each step, by the end that it has', async () => {
    const first = now() + 2 * DAY;
    const id = await story.governance.submit({ title: 'A moving one', endSeconds: first });
    await story.turn();
    await told(/New proposal: #3/);
    await story.turnAt(first - DAY + LATE);
    await told(/Voting ends in 24 h: #3/);
    const second = first + 10 * HOUR;
    await story.governance.moveEnd(id, second);
    await story.turn();
    // Where the old end would have had it.
    await story.turnAt(first - 6 * HOUR + LATE);
    await story.turnAt(second - DAY + 2 * HOUR);
    never(/Voting ends in 6 h[\s\S]*#3/);
    await told(/Voting ends in 24 h: #3/);
    await story.turnAt(second - 6 * HOUR + LATE);
    await told(/Voting ends in 6 h[\s\S]*#3/);
    await story.turnAt(second + 1);
    await story.governance.finish(id, 'rejected');
    await story.turn();
    await told(/Result, failed for lack of quorum: #3/);
  });
});

describe('what cannot be read', () => {
  it('is nothing that happened: one empty answer says nothing', async () => {
    const before = story.heard(story.listener);
    story.governance.emptyNext('proposals', 1);
    story.governance.emptyNext('votes', 1);
    await story.turn();
    await story.turn();
    expect(story.governance.emptiesLeft('proposals')).toBe(0);
    story.expectSilence(story.listener, before);
    await expectBoth('gov proposals', {}, /#1 From before/);
  });

  it.each([
    ['answers what nobody understands', '0x1234', /answers otherwise than expected/],
    ['has no code any more', '0x', /has no gov precompile/],
  ])('is told as that, and as over: a gov precompile that %s', async (_, answer, why) => {
    const { rpc } = story.world;
    const { governance } = story;
    const before = story.times(story.listener, /proposals and votes of OpenGradient/);
    const ofGov = (to: unknown): boolean => String(to).toLowerCase() === governance.address;
    rpc.instead = (method, [call]) => {
      if (method === 'eth_getCode' && ofGov(call)) return '0x';
      return method === 'eth_call' && ofGov((call as { to?: string }).to) ? answer : null;
    };
    await story.wait(700_000);
    const twice = (count: number) => () =>
      story
        .times(story.listener, /proposals and votes of OpenGradient/)
        .every((times, at) => times >= (before[at] ?? 0) + count) || null;
    await story.until('the source notice', twice(1), 20_000);
    await expectBoth('gov proposals', {}, /This is not from now/, why, /#1 From before/);
    rpc.instead = governance.emptyAnswer;
    await story.turn();
    await story.until('its end', twice(2));
    never(/Result[\s\S]*From before/);
    never(/New proposal[\s\S]*From before/);
    await expectBoth('gov proposals', {}, /#1 From before/);
  });
});

describe('in the night', () => {
  it('nothing is told; in the morning all of it is one message', async () => {
    const atMs = story.clock.now();
    const hour = (later: number): string => `${new Date(atMs + later * HOUR * 1000).toISOString().slice(11, 13)}:00`;
    const quiet = `${hour(-2)}-${hour(3)}`;
    await story.ask(
      story.listener,
      'alerts settings',
      { zone: 'UTC', quiet },
      `alerts settings zone:UTC quiet:${quiet}`,
    );
    const before = story.heard(story.listener);
    await story.governance.submit({ title: 'At night' });
    await story.turn();
    await story.governance.validators.jail('eos');
    await story.turn();
    await story.toldOnce(story.asker, /New proposal: #4 At night/);
    story.expectSilence(story.listener, before);
    story.advance(3 * HOUR * 1000);
    await story.turn();
    await told(/While it was quiet[\s\S]*At night[\s\S]*eos|While it was quiet[\s\S]*eos[\s\S]*At night/);
    const { telegram, discord } = story.heard(story.listener);
    expect([telegram.length - before.telegram.length, discord.length - before.discord.length]).toEqual([1, 1]);
    await story.governance.validators.unjail('eos');
    await story.turn();
    await told(/Validator no longer jailed: eos/);
  });
});

describe('validators', () => {
  it('one that is jailed is told, and that it is back', async () => {
    const { validators } = story.governance;
    await validators.jail('dione');
    await story.turn();
    await told(/Validator jailed: dione/);
    expect(story.heard(story.listener).telegram.at(-1)).toContain(validators.find('dione').address);
    await expectBoth('gov validators', {}, /dione[^\n]*jailed/);
    await story.restart();
    await told(/Validator jailed: dione/);
    await validators.unjail('dione');
    await story.turn(700);
    await told(/Validator no longer jailed: dione/);
  });

  it('missed blocks are told band by band, and that it signs again', async () => {
    const { validators } = story.governance;
    const bands = [
      [13, /26 % of the 50/],
      [26, /52 % of the 50/],
      [40, /80 % of the 50/],
    ] as const;
    for (const [missed, words] of bands) {
      await validators.setMissed('cirrus', missed);
      await story.turn();
      await story.until(String(words), () => {
        const { telegram } = story.heard(story.listener);
        return telegram.some((text) => words.test(text)) || null;
      });
    }
    await validators.setMissed('cirrus', 2);
    await story.turn();
    never(/signs again/);
    await story.turn(700);
    await story.turn(700);
    await told(/Validator signs again: cirrus/);
  });

  it('one that joins, grows, votes alone for the outcome, and leaves is told each time, once', async () => {
    const { validators } = story.governance;
    await validators.add('fornax');
    await story.turn();
    await told(/New validator: fornax/);
    await validators.setPower('fornax', 9n * POWER_UNIT);
    await story.turn();
    await told(/Voting power changed: fornax[\s\S]*9 power[\s\S]*1 power/);
    const id = await story.governance.submit({ title: 'A contested one' });
    for (const name of ['aurora', 'boreas', 'cirrus', 'dione', 'eos']) await story.governance.vote(id, name, 'no');
    await story.turn();
    await told(/New proposal: #5/);
    await story.governance.vote(id, 'fornax', 'yes');
    await story.turn();
    await told(/A vote turned the outcome: #5[\s\S]*64\.2 % of bonded power|64\.3 % of bonded power/);
    await expectBoth('gov proposal', { id: '5' }, /64\.[23] % yes/, /1 voter changing sides would turn it/);
    await validators.remove('fornax');
    await story.turn();
    // One answer without it may be a mistake.
    never(/Validator left: /);
    await story.turn();
    await told(/Validator left: fornax/);
    await story.restart();
    for (const what of [/New validator: /, /Validator left: /, /Voting power changed: /]) await told(what);
  });
});

describe('over all of this', () => {
  it('nothing of governance was more than information, and both apps were told the same', async () => {
    const incidents = await story.incidents();
    expect(incidents.length).toBeGreaterThan(15);
    for (const { rule, severity } of incidents.filter(({ rule }) => /^(gov|voter|source\.governance)/.test(rule))) {
      expect(severity, rule).toBe('info');
    }
    const { discord, telegram } = story.heard(story.listener);
    // Of one that grew graver Telegram shows the last word, and this list the first of Discord.
    const headline = (text: string): string | undefined =>
      /\S+ ([^:\n]+)/.exec(text.trimStart())?.[1]?.replace('misses blocks', 'close to being jailed');
    expect(telegram.map(headline)).toEqual(discord.map(headline));
  });
});
