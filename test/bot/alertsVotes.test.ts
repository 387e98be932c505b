import { describe, expect, test } from 'vitest';
import type { View } from '../../src/lib/view.ts';
import { type Asker, askerOn } from './ask.ts';
import { expectClear, expectSafeEverywhere, wordsOf } from './judgeView.ts';
import { callerOf, NOW_MS, placeOf } from './seed.ts';

/** Alerts about governance and voters, and the choice of reminders. */

const here = placeOf('discord');
const elsewhere = placeOf('discord', { address: { platform: 'discord', chatId: 'elsewhere', threadId: null } });
const VOTER = `0x${'ab12'.repeat(10)}`;

const subscriptionsOf = async ({ store }: Asker, { address } = here) =>
  (await store.subscriptions.list(address)).subscriptions;
const heard = async (asker: Asker, place = here) =>
  (await subscriptionsOf(asker, place)).map(({ family, rule, scope, subject, without }) => [
    ...[family, rule, scope, subject, without.join(' ')],
  ]);

async function importInto({ bot }: Asker, alerts: object[], place = elsewhere): Promise<View> {
  const file = JSON.stringify({ 'assay-alerts': 1, alerts });
  const view = await bot.run(['alerts', 'import'], { file }, callerOf(place.platform), place);
  expectClear(view, file);
  expectSafeEverywhere(view);
  expect(bot.reported).toEqual([]);
  return view;
}

describe('alerts add', () => {
  test.each<[string, string[], string]>([
    ['gov all', ['gov', '', 'all', '', ''], 'governance of every network'],
    ['gov Bedrock', ['gov', '', 'network', 'bedrock', ''], 'governance of Bedrock'],
    ['gov opengradient gov.result', ['gov', 'gov.result', 'network', 'opengradient', ''], 'only gov.result'],
    [
      'gov bedrock steps:6h,1h',
      ['gov', '', 'network', 'bedrock', 'gov.ends-24h'],
      'reminded 6 h and 1 h before voting ends',
    ],
    ['gov all steps:none', ['gov', '', 'all', '', 'gov.ends-24h gov.ends-6h gov.ends-1h'], 'without reminders'],
    ['gov all steps:all', ['gov', '', 'all', '', ''], 'governance of every network'],
    [`voter ${VOTER.toUpperCase().replace('0X', '0x')}`, ['voter', '', 'voter', VOTER, ''], 'votes of 0xab12ab…ab12'],
    [
      `voter ${VOTER} steps:1h`,
      ['voter', '', 'voter', VOTER, 'voter.ends-24h voter.ends-6h'],
      'reminded 1 h before voting ends',
    ],
  ])('%s', async (line, stored, words) => {
    const asker = await askerOn(0);
    const view = await asker.ask(`alerts add ${line}`);
    expect(view.title).toBe('Alerts are on');
    expect(wordsOf(view)).toContain(words);
    expect(await heard(asker)).toEqual([stored]);
  });

  test.each([
    ['gov nowhere', 'Of governance name all, or a network (opengradient, bedrock), not “nowhere”'],
    ['gov owner:0x12', 'Of governance name all, or a network'],
    ['voter all', 'An alert about a voter is about one'],
    ['voter 0x12', 'Of voters name an address of 0x and 40 hex digits'],
    ['voter vitalik.eth', 'Of voters name an address'],
    ['gov all voter.ends-6h', 'voter.ends-6h is a rule about a voter, not about governance.'],
    ['gov all node.heartbeat', 'node.heartbeat is a rule about a node, not about governance.'],
    ['gov all steps:2h', 'steps must be some of 24h,6h,1h'],
    ['gov all gov.result steps:6h', 'steps goes only with an alert about all rules of its family.'],
    ['node all steps:6h', 'steps goes only with alerts about votes (gov, voter).'],
    ['model all steps:6h', 'steps goes only with alerts about votes (gov, voter).'],
    ['proof all steps:none', 'steps goes only with alerts about votes (gov, voter).'],
    [`voter ${VOTER} steps:none`, 'steps must leave at least one'],
  ])('%s is refused with the reason, and nothing is stored', async (line, words) => {
    const asker = await askerOn(3);
    const view = await asker.ask(`alerts add ${line}`);
    expect(view.tone).toBe('error');
    expect(wordsOf(view)).toContain(words);
    expect(await heard(asker)).toEqual([]);
  });

  test('by buttons alone: the kind, then a network, or a validator that votes', async () => {
    const asker = await askerOn(0);
    await asker.store.governance.saveValidators({
      source: 'opengradient.validators',
      readings: [
        {
          ...{ address: VOTER as `0x${string}`, consensus: null, moniker: 'alpha', status: 'bonded', jailed: false },
          ...{ tombstoned: false, tokensWei: 1n, jailedUntilSeconds: null, missedBlocks: null, windowBlocks: null },
          ...{ minSignedPpm: null, startHeight: null },
        },
      ],
      clockSeconds: NOW_MS / 1000,
      nowMs: NOW_MS,
    });
    const kinds = await asker.ask('alerts add');
    const press = async (view: View, label: string): Promise<View> =>
      await asker.ask(view.actions?.find((action) => action.label === label)?.command ?? '');
    const networks = await press(kinds, 'gov');
    expect(networks.actions?.map(({ label }) => label)).toEqual([
      ...['governance of every network', 'governance of OpenGradient', 'governance of Bedrock'],
    ]);
    expect((await press(networks, 'governance of Bedrock')).title).toBe('Alerts are on');
    expect((await press(await press(kinds, 'voter'), 'alpha (0xab12ab…ab12)')).title).toBe('Alerts are on');
    expect((await heard(asker)).map(([family, , scope]) => [family, scope])).toEqual([
      ['gov', 'network'],
      ['voter', 'voter'],
    ]);
  });
});

describe('alerts list and edit', () => {
  test('say what each is about, and which reminders come', async () => {
    const asker = await askerOn(0);
    for (const line of ['gov all', 'gov bedrock steps:24h', `voter ${VOTER} steps:6h,1h`])
      await asker.ask(`alerts add ${line}`);
    expect((await asker.ask('alerts list')).lines.slice(1, 4)).toEqual([
      [{ code: '#1' }, ' governance of every network'],
      [{ code: '#2' }, ' governance of bedrock, reminded 24 h before voting ends'],
      [{ code: '#3' }, ' votes of 0xab12ab…ab12, reminded 6 h and 1 h before voting ends'],
    ]);
  });

  test('steps are changed and taken back; other alerts refuse them', async () => {
    const asker = await askerOn(3);
    await asker.ask('alerts add gov all');
    await asker.ask('alerts add node all');
    expect(wordsOf(await asker.ask('alerts edit 1 steps:1h'))).toContain('Told: reminded 1 h before voting ends.');
    expect((await heard(asker))[0]?.[4]).toBe('gov.ends-24h gov.ends-6h');
    // What is not named stays.
    await asker.ask('alerts edit 1 severity:info');
    expect((await heard(asker))[0]?.[4]).toBe('gov.ends-24h gov.ends-6h');
    await asker.ask('alerts edit 1 steps:all');
    expect((await heard(asker))[0]?.[4]).toBe('');
    expect(await asker.ask('alerts edit 2 steps:1h')).toMatchObject({ tone: 'error' });
    expect((await heard(asker))[1]?.[4]).toBe('');
  });
});

describe('alerts export and import', () => {
  test('take networks, voters and steps along', async () => {
    const asker = await askerOn(0);
    const lines = ['gov all', 'gov bedrock steps:6h,1h', 'gov bedrock gov.result', `voter ${VOTER} steps:1h`];
    for (const line of lines) await asker.ask(`alerts add ${line}`);
    const { file } = await asker.ask('alerts export');
    const { alerts } = JSON.parse(file?.text ?? '') as { alerts: { about: unknown; steps?: string[] }[] };
    expect(alerts.map(({ about, steps }) => [about, steps])).toEqual([
      ['all', ['24h', '6h', '1h']],
      [{ network: 'bedrock' }, ['6h', '1h']],
      [{ network: 'bedrock' }, undefined],
      [{ voter: VOTER }, ['1h']],
    ]);
    expect((await importInto(asker, alerts)).title).toBe('Imported');
    expect(await heard(asker, elsewhere)).toEqual(await heard(asker));
    expect((await importInto(asker, alerts)).title).toBe('Nothing to change');
    const changed = await importInto(asker, [{ ...alerts[1], steps: ['24h'] }]);
    expect(changed.lines[0]).toBe('Alerts: 0 added, 1 changed, 0 left as they were.');
    expect((await heard(asker, elsewhere))[1]?.[4]).toBe('gov.ends-6h gov.ends-1h');
  });

  test.each<[string, object, string]>([
    ['a network that is not read', { family: 'gov', about: { network: 'nowhere' } }, 'alerts[0].about names a network'],
    ['a network that is no name', { family: 'gov', about: { network: 'A b' } }, 'alerts[0].about.network must be'],
    [
      'a node of governance',
      { family: 'gov', about: { node: 'https://x' } },
      'alerts[0].about must be "all" or {"network"',
    ],
    ['all voters', { family: 'voter', about: 'all' }, 'alerts[0].about must name a voter'],
    ['a voter that is none', { family: 'voter', about: { voter: '0x12' } }, 'alerts[0].about.voter must be an address'],
    [
      'a voter of nodes',
      { family: 'node', about: { voter: VOTER } },
      'alerts[0].about must not name a network or a voter',
    ],
    [
      'steps of nodes',
      { family: 'node', about: 'all', steps: ['6h'] },
      'alerts[0].steps goes only with alerts about votes',
    ],
    [
      'steps of one rule',
      { family: 'gov', rule: 'gov.result', about: 'all', steps: ['6h'] },
      'alerts[0].steps goes only with an alert about all',
    ],
    [
      'no steps of a voter',
      { family: 'voter', about: { voter: VOTER }, steps: [] },
      'alerts[0].steps must leave at least one',
    ],
    ['other steps', { family: 'gov', about: 'all', steps: ['2h'] }, 'must be a list of some of 24h, 6h, 1h'],
  ])('refuse %s, by its place', async (_, alert, words) => {
    const asker = await askerOn(0);
    const view = await importInto(asker, [alert]);
    expect(view.title).toBe('That file does not fit');
    expect(wordsOf(view)).toContain(words);
    expect(await asker.store.subscriptions.counts()).toEqual({ destinations: 0, subscriptions: 0 });
  });
});

test('a reminder is muted and unmuted by its name, which has a number in it', async () => {
  const asker = await askerOn(0);
  await asker.ask('alerts add gov all');
  await asker.ask('alerts mute gov.ends-24h 2h');
  const muted = async () => (await asker.store.subscriptions.list(here.address)).mutes.map(({ rule }) => rule);
  expect(await muted()).toEqual(['gov.ends-24h']);
  await asker.ask('alerts unmute gov.ends-24h');
  expect(await muted()).toEqual([]);
});

test('who follows which voter is known to the store, each once', async () => {
  const asker = await askerOn(0);
  await asker.ask(`alerts add voter ${VOTER}`);
  await asker.ask(`alerts add voter ${VOTER} voter.ends-1h`);
  await asker.ask('alerts add gov bedrock');
  expect(await asker.store.subscriptions.subjects('voter')).toEqual([VOTER]);
});
