import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readPng } from './charts/png.ts';
import { BR, walletOf } from './devnet/bedrock.ts';
import { type GovernanceStory, startGovernanceStory } from './devnet/governanceStory.ts';
import type { Answer } from './devnet/proofStory.ts';
import { LOG_REFUSALS } from './rigs/rpcProxy.ts';

vi.setConfig({ testTimeout: 90_000 });

const HOUR = 3_600;
const DAY = 86_400;
const WEEK = 7 * DAY;
const LATE = 60;

let story: GovernanceStory;
/** Votes in every epoch of the story, and a lazy one who voted only in its first half. */
let faithful: { address: `0x${string}`; lock: bigint };
let lazy: { address: `0x${string}`; lock: bigint };

beforeAll(async () => {
  story = await startGovernanceStory({ bedrock: true });
  const { wallets } = story.seasons;
  [faithful, lazy] = [wallets[0], wallets[5]] as [typeof faithful, typeof lazy];
}, 90_000);

afterAll(async () => {
  await story.close();
});

const told = (what: RegExp): Promise<void> => story.toldOnce(story.listener, what);
const never = (what: RegExp): void => expect(story.times(story.listener, what), String(what)).toEqual([0, 0]);

async function expectBoth(
  command: string,
  options: Record<string, string>,
  patterns: readonly RegExp[],
  typed?: string,
): Promise<Answer> {
  const answer = await story.ask(story.asker, command, options, typed);
  for (const text of [answer.discord, answer.telegram]) {
    for (const one of patterns) expect(text.replaceAll('**', '')).toMatch(one);
  }
  return answer;
}

describe('a bot that is stopped while it reads the past', () => {
  it('goes on where it was, and knows every epoch as it was played', async () => {
    const { bedrockRpc: rpc, seasons } = story;
    rpc.logLimit = { blocks: 10, error: LOG_REFUSALS['cosmos evm'] };
    rpc.instead = (method, [range]) => {
      if (method !== 'eth_getLogs') return null;
      if (Number((range as { fromBlock: string }).fromBlock) > 60) throw new Error('this node has no more');
      return null;
    };
    await story.start();
    const question = { network: 'bedrock', window: '400d' };
    const typed = 'gov participation network:bedrock window:400d';
    await expectBoth('gov participation', question, [/not read|being read|not known|not from now/], typed);
    await story.restart();
    await story.stop();
    rpc.instead = null;
    await story.start();
    await story.turn();
    await story.turn();
    const counts = seasons.epochs.map(({ epoch, voters }) => new RegExp(`\\b${epoch}\\b[^\\n]*\\b${voters.length}\\b`));
    await expectBoth('gov participation', question, counts.slice(-3), typed);
    await story.ask(story.listener, 'alerts add', { kind: 'gov', target: 'bedrock' });
    await story.ask(story.asker, 'alerts add', { kind: 'voter', target: lazy.address });
  });
});

describe('an epoch', () => {
  it('its vote window is told when it opens', async () => {
    await story.bedrock.toNextEpoch();
    await story.turn();
    never(/Gauge vote opened/);
    await story.bedrock.toVoteWindow();
    await story.turn();
    await told(/Gauge vote opened: Bedrock, epoch \d+/);
    await story.restart();
    await told(/Gauge vote opened/);
  });

  it('its end is called to mind, and a followed voter of gauges only while they have not voted', async () => {
    const { bedrock, seasons } = story;
    const [gauge] = seasons.gauges as [`0x${string}`];
    const end = bedrock.chain.nowSeconds() + WEEK - 2 * HOUR;
    for (const { address, lock } of seasons.wallets.slice(0, 2)) await bedrock.vote(address, lock, [[gauge, 1]]);
    await story.turn();
    await bedrock.chain.toSeconds(end - DAY + LATE);
    await story.turn();
    await told(/Voting ends in 24 h: gauges of Bedrock/);
    await story.toldOnce(story.asker, /Voting ends in 24 h, not voted: gauges of Bedrock/);
    await bedrock.vote(lazy.address, lazy.lock, [[gauge, 1]]);
    await story.turn();
    await bedrock.chain.toSeconds(end - 6 * HOUR + LATE);
    await story.turn();
    await told(/Voting ends in 6 h: gauges of Bedrock/);
    expect(story.times(story.asker, /Voting ends in 6 h/)).toEqual([0, 0]);
    await expectBoth('gov epoch', { network: 'bedrock' }, [/Voted this epoch[^\n]*3/]);
  });

  it('is told when its window closes, with who took part, and that these were fewer than in the four before', async () => {
    await story.bedrock.toVoteEnd();
    await story.turn();
    await told(/3 wallets(\*\*)? voted of 12 that could \(25 %\)/);
    await told(/Participation fell/);
    await story.restart();
    await told(/Participation fell/);
  });
});

/** Answers that a picture comes with. */
const DRAWN: ReadonlySet<string> = new Set(['gov participation', 'gov gauges', 'influence show', 'influence compare']);

describe('every question about gauges and influence', () => {
  const power = { set: 'power', network: 'bedrock' };
  it.each([
    ['gov proposals', { network: 'opengradient' }, [/Proposals of OpenGradient/]],
    ['gov participation', { network: 'bedrock' }, [/Bedrock/, /turnout|wallets/i]],
    ['gov gauges', { network: 'bedrock' }, [/uniBTC vault: \d/, /Grants/]],
    ['gov gauge', { gauge: 'uniBTC' }, [/Gauge uniBTC vault/]],
    ['gov epoch', { network: 'bedrock' }, [/season 1/i]],
    ['gov validators', {}, [/aurora/]],
    ['gov voter', { voter: walletOf('veBR holder 1') }, [/0x[0-9a-f]{6}/, /Bedrock/]],
    ['influence show', power, [/Nakamoto:? \d+ \/ \d+ \/ \d+/, /Gini/, /HHI/, /Wallets are not people/]],
    ['influence show', { set: 'gauge-voters', network: 'bedrock' }, [/Gauge voters, Bedrock/]],
    ['influence show', { set: 'gauges', network: 'bedrock' }, [/Gauges, Bedrock/]],
    ['influence show', { set: 'validators', network: 'opengradient' }, [/Nakamoto:? 2 \/ 3 \/ 4/]],
    ['influence compare', { first: 'opengradient.validators', second: 'bedrock.power' }, [/Validators/, /Locked/]],
  ] as const)('/%s %j is answered in both apps', async (command, options, patterns) => {
    const typed = [command, ...Object.entries(options).map(([name, value]) => `${name}:${value}`)].join(' ');
    const { telegram, annChat } = story.world;
    const before = telegram.fromBot(annChat.id).length;
    const answer = await expectBoth(command, options, patterns, typed);
    if (!DRAWN.has(command)) return;
    expect(answer.photos.discord).toBe(1);
    // Above a long text it is a message of its own.
    const photo = await story.until(
      'the picture in Telegram',
      () =>
        telegram
          .fromBot(annChat.id)
          .slice(before)
          .find((one) => one.photo !== null)?.photo,
    );
    for (const bytes of [answer.pictures[0] as Buffer, photo]) {
      const picture = readPng(bytes);
      expect(Math.min(picture.width, picture.height)).toBeGreaterThanOrEqual(400);
      const colors = new Set<string>();
      for (let x = 0; x < picture.width; x += 3) {
        for (let y = 0; y < picture.height; y += 3) colors.add(picture.at(x, y).join());
      }
      expect(colors.size).toBeGreaterThan(10);
    }
  });

  it('the default command, and what would be without one', async () => {
    const { telegram } = await story.ask(story.asker, 'influence show', power, 'influence power bedrock');
    expect(telegram).toMatch(/Influence: Locked voting power, Bedrock/);
    const options = { set: 'bedrock.power', without: faithful.address };
    const { discord } = await story.ask(story.asker, 'influence whatif', options);
    expect(discord).toMatch(/without/i);
    const trend = await story.ask(story.asker, 'influence trend', { set: 'bedrock.power' });
    expect(trend.discord).toMatch(/Influence over 30d/);
  });

  it('options are suggested while they are typed', async () => {
    const { discord } = story.world;
    const values = async (command: string, option: string, typed: string): Promise<string[]> =>
      (await discord.autocomplete(command, option, typed)).map(({ value }) => value);
    expect(await values('influence show', 'set', 'bedrock')).toEqual(
      expect.arrayContaining(['bedrock.power', 'bedrock.gauges', 'bedrock.gauge-voters']),
    );
    expect(await values('gov gauges', 'network', 'bed')).toEqual(['bedrock']);
    expect(await values('gov gauge', 'gauge', 'grants')).toHaveLength(1);
    expect(await values('gov voter', 'voter', 'auro')).toEqual([story.governance.validators.find('aurora').address]);
    expect(await values('alerts add', 'steps', '6')).toEqual(['6h,1h', '6h']);
  });

  it('buttons lead on', async () => {
    const { telegram, annChat, ann } = story.world;
    await story.ask(story.asker, 'gov gauges', { network: 'bedrock' });
    const asked = telegram.fromBot(annChat.id).at(-1);
    const before = telegram.fromBot(annChat.id).length;
    telegram.press(asked as NonNullable<typeof asked>, 'Epoch', ann);
    const next = await story.until('the answer to a button', () => telegram.fromBot(annChat.id)[before]);
    expect(next.text).toMatch(/epoch/i);
  });
});

describe('a whale, and a new season', () => {
  const whale = walletOf('a whale of this story');
  let lock: bigint;

  it('the season reset is told when it is announced', async () => {
    await story.bedrock.toNextCheckpoint();
    await story.turn();
    await story.bedrock.newSeason();
    await story.turn();
    await told(/Season reset announced: Bedrock, season 2/);
    never(/Season begun/);
  });

  it('the season is told when it begins, and that one owner now has more than all others', async () => {
    lock = await story.bedrock.lock(whale, 60_000n * BR);
    await story.turn();
    never(/Influence shifted[\s\S]*Locked voting power/);
    await story.bedrock.toNextEpoch();
    await story.turn();
    await told(/Season begun/);
    await story.turn();
    await told(/One owner of locks has more than 1\/2/);
    await expectBoth('influence show', { set: 'power', network: 'bedrock' }, [/1 of 13 owners of locks/]);
    await story.restart();
    await told(/One owner of locks has more than 1\/2/);
    await told(/Season begun/);
  });

  it('its vote on gauges is a large one', async () => {
    await story.bedrock.toVoteWindow();
    await story.turn();
    await story.bedrock.vote(whale, lock, [[story.seasons.gauges[3] as `0x${string}`, 1]]);
    await story.turn();
    await told(new RegExp(`Large vote[\\s\\S]*${whale}`));
    await story.restart();
    await told(/Large vote/);
    await expectBoth('gov gauge', { gauge: 'Grants', network: 'bedrock' }, [/100 %/, new RegExp(whale.slice(0, 8))]);
  });
});

describe('what cannot be read', () => {
  it('is told as that: answers say how old they are, and nothing is concluded from it', async () => {
    const { bedrockRpc: rpc } = story;
    const before = story.heard(story.listener);
    const gauges = 'gov gauges network:bedrock';
    rpc.inject('*', { kind: 'cut' });
    await story.wait(700_000);
    const notice = /Cannot read locks and gauge votes of Bedrock/;
    await story.until('the notice', () => story.times(story.listener, notice).every((count) => count > 0), 30_000);
    await expectBoth('gov gauges', { network: 'bedrock' }, [/This is not from now/, /Grants: 100 %/], gauges);
    // Sets are kept of every ten minutes; half an hour is too long ago.
    await story.mine(1, 1_900_000);
    await expectBoth('influence show', { set: 'power', network: 'bedrock' }, [/This is not from now/, /Nakamoto/]);
    rpc.heal();
    await story.turn();
    const { telegram } = story.heard(story.listener);
    for (const text of telegram.slice(before.telegram.length)) expect(text).toMatch(/locks and gauge votes of Bedrock/);
    await told(/Can be read again: locks and gauge votes of Bedrock/);
  });
});

describe('another voter contract', () => {
  it('is found without a log that says so, and what it counts is shown', async () => {
    const { bedrock } = story;
    const before = story.heard(story.listener);
    await bedrock.switchVoter('token');
    const gauge = await bedrock.gauge('A new vault');
    await story.turn();
    await bedrock.vote(faithful.address, faithful.lock, [[gauge, 1]]);
    await story.turn();
    await expectBoth('gov gauges', { network: 'bedrock' }, [/A new vault: 100 %/]);
    for (const text of story.heard(story.listener).telegram.slice(before.telegram.length)) {
      expect(text).not.toMatch(/Gauge vote (opened|closed)|Participation fell|Season/);
    }
  });
});

describe('over all of this', () => {
  it('nothing was more than information', async () => {
    const incidents = await story.incidents();
    const ours = incidents.filter(({ rule }) => /^(gov|voter|source\.governance)/.test(rule));
    expect(ours.length).toBeGreaterThan(8);
    for (const { rule, severity } of ours) expect(severity, rule).toBe('info');
  });
});
