import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Place } from '../../src/bot/command.ts';
import type { View } from '../../src/lib/view.ts';
import { FOREVER_MS, SEVERITIES } from '../../src/store/store.ts';
import { type Asker, askerOn } from './ask.ts';
import { anyValue, hostile } from './hostile.ts';
import { expectClear, expectSafeEverywhere, wordsOf } from './judgeView.ts';
import { callerOf, endpointOf, NOW_MS, ownerOf, placeOf } from './seed.ts';

const HOUR_MS = 3_600_000;

const here = placeOf('discord');
const elsewhere = placeOf('discord', { address: { platform: 'discord', chatId: 'elsewhere', threadId: null } });

/** Attaches a file, as both apps do. */
async function importInto({ bot }: Asker, file: string, place: Place = here): Promise<View> {
  const view = await bot.run(['alerts', 'import'], { file }, callerOf(place.platform), place);
  expectClear(view, file);
  expectSafeEverywhere(view);
  expect(bot.reported).toEqual([]);
  return view;
}

const fileOf = (changes: object): string => JSON.stringify({ 'assay-alerts': 1, alerts: [], ...changes });

/** What a chat hears, without what only this database knows. */
async function heardIn({ store }: Asker, { address }: Place) {
  const { destination, subscriptions, mutes } = await store.subscriptions.list(address);
  return {
    settings: destination?.settings,
    mutes,
    subscriptions: subscriptions.map(({ id: _, destinationId: __, createdAtMs: ___, ...rest }) => rest),
  };
}

/** A chat with something of everything. */
async function furnished(): Promise<Asker> {
  const asker = await askerOn(9);
  const { ask } = asker;
  await ask('alerts add node all severity:critical mention:me');
  await ask('alerts add node gw3. rule:node.heartbeat after:10m');
  await ask('alerts edit 2 threshold:40m');
  await ask(`alerts add node owner:${ownerOf(4)}`);
  await ask('alerts pause 3 2h');
  await ask('alerts mute node.certificate 3h');
  await ask('alerts mute node.disabled forever');
  await ask('alerts settings zone:Europe/Berlin quiet:22:00-07:00 critical:wait dates:de-DE digest:daily at:08:30');
  await ask('alerts settings escalate:15m mention:me resolve:both');
  return asker;
}

async function exported({ ask }: Asker, place: Place = here): Promise<string> {
  const view = await ask('alerts export', place);
  expect(view.title).toBe('Alerts of this chat, as a file');
  return view.file?.text ?? '';
}

describe('alerts export', () => {
  test('writes alerts, mutes and settings that a person can read, with nodes by their endpoints', async () => {
    const asker = await furnished();
    const view = await asker.ask('alerts export');
    expect(view).toMatchObject({ private: true, file: { name: 'assay-alerts-2026-11-21.json' } });
    expect(view.lines[0]).toBe('In the file: 3 alerts, 2 mutes, the settings of this chat.');
    expect(JSON.parse(view.file?.text ?? '')).toEqual({
      'assay-alerts': 1,
      from: { app: 'discord', chat: 'The watchers' },
      settings: {
        ...{ timeZone: 'Europe/Berlin', dates: 'de-DE', resolve: 'both', digest: 'daily', digestAt: '08:30' },
        quietHours: { from: '22:00', to: '07:00', critical: 'wait' },
        escalation: { afterSeconds: 900, mention: 'user:4242' },
      },
      alerts: [
        {
          ...{ family: 'node', rule: 'all', about: 'all', severity: 'critical', threshold: null, afterSeconds: null },
          ...{ mention: 'user:4242', pausedUntil: null },
        },
        {
          ...{ family: 'node', rule: 'node.heartbeat', about: { node: endpointOf(3) }, severity: 'info' },
          ...{ threshold: 2_400, afterSeconds: 600, mention: null, pausedUntil: null },
        },
        {
          ...{ family: 'node', rule: 'all', about: { owner: ownerOf(4) }, severity: 'info', threshold: null },
          ...{ afterSeconds: null, mention: null, pausedUntil: '2026-11-21T14:00:00.000Z' },
        },
      ],
      mutes: [
        { rule: 'node.certificate', until: '2026-11-21T15:00:00.000Z' },
        { rule: 'node.disabled', until: 'forever' },
      ],
    });
  });

  test('of a chat that hears of nothing is no file', async () => {
    const view = await (await askerOn(3)).ask('alerts export');
    expect(view).toMatchObject({ title: 'Nothing to export', lines: ['This chat hears of nothing yet.'] });
    expect(view.file).toBeUndefined();
  });

  test('says which alerts it had to leave out', async () => {
    const asker = await askerOn(3);
    await asker.ask('alerts add node all');
    await asker.store.subscriptions.add({
      ...{ address: here.address, title: here.title, kind: here.kind, family: 'node', scope: 'node', subject: '999' },
      ...{ createdBy: 'discord:4242', nowMs: NOW_MS },
    });
    const view = await asker.ask('alerts export');
    expect(view.lines).toContain('Not in it: 1 alert about nodes that are not known any more.');
    expect(JSON.parse(view.file?.text ?? '').alerts).toHaveLength(1);
  });

  test.each(['export', 'import'])('%s is for those who manage the chat', async (command) => {
    const { bot } = await askerOn(3);
    const place = placeOf('discord', { callerManages: async () => false });
    const view = await bot.run(
      ['alerts', command],
      command === 'import' ? { file: fileOf({}) } : {},
      callerOf('discord'),
      place,
    );
    expect(view.title).toBe('Not allowed');
  });
});

describe('alerts import', () => {
  test('makes another chat hear the same, under the name of whoever imports', async () => {
    const asker = await furnished();
    const view = await importInto(asker, await exported(asker), elsewhere);
    expect(view.title).toBe('Imported');
    expect(view.lines).toEqual([
      'Alerts: 3 added, 0 changed, 0 left as they were.',
      'Mutes: 2 set, 0 left as they were.',
      'Settings: changed.',
    ]);
    expect(await heardIn(asker, elsewhere)).toEqual(await heardIn(asker, here));
    const { destination } = await asker.store.subscriptions.list(elsewhere.address);
    const { destination: original } = await asker.store.subscriptions.list(here.address);
    expect(destination?.quietUntil).toEqual(original?.quietUntil);
    expect(destination?.nextDigestAtMs).toEqual(original?.nextDigestAtMs);
  });

  test('reads into another bot, whose rows have other numbers', async () => {
    const [one, other] = [await furnished(), await askerOn(12)];
    for (let index = 0; index < 4; index += 1) await other.ask(`alerts add node gw${index}.`);
    await other.ask('alerts remove 4');
    const view = await importInto(other, await exported(one));
    expect(view.lines[0]).toBe('Alerts: 3 added, 0 changed, 0 left as they were.');
    const { subscriptions } = await other.store.subscriptions.list(here.address);
    const facts = await other.store.nodes.facts();
    const nodes = new Map(facts?.nodes.map(({ id, key }) => [String(id), key]));
    expect(subscriptions.flatMap(({ scope, subject }) => (scope === 'node' ? [nodes.get(subject)] : []))).toContain(
      endpointOf(3),
    );
  });

  test('done twice changes nothing the second time', async () => {
    const asker = await furnished();
    const file = await exported(asker);
    const before = await heardIn(asker, here);
    expect((await importInto(asker, file)).title).toBe('Nothing to change');
    await importInto(asker, file, elsewhere);
    const again = await importInto(asker, file, elsewhere);
    expect(again.title).toBe('Nothing to change');
    expect(again.lines).toEqual([
      'Alerts: 0 added, 0 changed, 3 left as they were.',
      'Mutes: 0 set, 2 left as they were.',
      'Settings: as they were.',
    ]);
    expect(await heardIn(asker, here)).toEqual(before);
  });

  test('changes what the file names, leaves what it does not, and removes nothing', async () => {
    const asker = await furnished();
    const alerts = [{ family: 'node', about: 'all', severity: 'warning' }];
    const view = await importInto(asker, fileOf({ settings: { digest: 'weekly' }, alerts }));
    expect(view.lines).toEqual(['Alerts: 0 added, 1 changed, 0 left as they were.', 'Settings: changed.']);
    const { settings, subscriptions, mutes } = await heardIn(asker, here);
    expect(subscriptions.map(({ floor, mention }) => [floor, mention])).toEqual([
      ['warning', 'user:4242'],
      ['info', ''],
      ['info', ''],
    ]);
    expect(mutes).toHaveLength(2);
    expect(settings).toMatchObject({ digest: 'weekly', timeZone: 'Europe/Berlin', resolveStyle: 'both' });
  });

  test('ends a pause that the file does not have, and knows no pause or mute that has passed', async () => {
    const asker = await furnished();
    const passed = new Date(NOW_MS - HOUR_MS).toISOString();
    const about = { owner: ownerOf(4).toUpperCase().replace('0X', '0x') };
    await importInto(
      asker,
      fileOf({
        alerts: [{ family: 'node', about, pausedUntil: passed }],
        mutes: [{ rule: 'all', until: passed }],
      }),
    );
    const { subscriptions, mutes } = await heardIn(asker, here);
    expect(subscriptions[2]?.pausedUntilMs).toBeNull();
    expect(mutes.map(({ rule }) => rule)).toEqual(['node.certificate', 'node.disabled']);
  });

  test.each<[string, object, string]>([
    ['another version', { 'assay-alerts': 2 }, 'this bot reads version 1'],
    ['an unknown field', { colour: 1 }, 'The file has fields that are not known: “colour”.'],
    ['no list of alerts', { alerts: {} }, 'alerts must be a list.'],
    ['an alert that is none', { alerts: [7] }, 'alerts[0] must be an alert'],
    [
      'an unknown family',
      { alerts: [{ family: 'cats', about: 'all' }] },
      'alerts[0].family must be one of node, model, proof, gov, voter.',
    ],
    ['an unknown rule', { alerts: [{ family: 'node', rule: 'node.cat', about: 'all' }] }, 'alerts[0].rule must be'],
    ['an unknown node', { alerts: [{ family: 'node', about: { node: 'https://x' } }] }, 'alerts[0].about names a node'],
    [
      'no address',
      { alerts: [{ family: 'node', about: { owner: '0x1' } }] },
      'alerts[0].about.owner must be an address',
    ],
    [
      'a severity',
      { alerts: [{ family: 'node', about: 'all', severity: 'bad' }] },
      'alerts[0].severity must be one of',
    ],
    [
      'a delay',
      { alerts: [{ family: 'node', about: 'all', afterSeconds: 1 }] },
      'alerts[0].afterSeconds must be from 10',
    ],
    ['a threshold', { alerts: [{ family: 'node', about: 'all', threshold: 9 }] }, 'alerts[0].threshold goes only with'],
    [
      'a threshold out of range',
      { alerts: [{ family: 'node', rule: 'node.heartbeat', about: 'all', threshold: 1 }] },
      'alerts[0].threshold must be from',
    ],
    ['a mention', { alerts: [{ family: 'node', about: 'all', mention: '@everyone' }] }, 'alerts[0].mention must be'],
    [
      'the same alert twice',
      {
        alerts: ['https://GW1.og-nodes.example:8443/', endpointOf(1)].map((node) => ({
          family: 'node',
          about: { node },
        })),
      },
      'alerts[1] is about the same as alerts[0].',
    ],
    ['a zone', { settings: { timeZone: 'Mars/Olympus' } }, 'settings.timeZone must be a time zone'],
    ['a language', { settings: { dates: 'xx-invalid-tag' } }, 'settings.dates must be a language'],
    ['quiet hours', { settings: { quietHours: { from: '25:00', to: '07:00' } } }, 'settings.quietHours.from must be'],
    ['endless quiet', { settings: { quietHours: { from: '07:00', to: '07:00' } } }, 'settings.quietHours must not'],
    ['an escalation', { settings: { escalation: { afterSeconds: 5 } } }, 'settings.escalation.afterSeconds must be'],
    ['a mute', { mutes: [{ rule: 'all', until: '2099-01-01T00:00:00Z' }] }, 'mutes[0].until must be'],
    [
      'too many alerts',
      {
        alerts: Array.from({ length: 51 }, (_, index) => ({
          family: 'node',
          about: { owner: `0x${String(index).padStart(40, '0')}` },
        })),
      },
      'alerts may have at most 50 alerts.',
    ],
  ])('refuses %s by its place, and stores nothing of the rest', async (_, wrong, words) => {
    const asker = await askerOn(6);
    const good = { settings: { digest: 'daily' }, mutes: [{ rule: 'all', until: 'forever' }] };
    const view = await importInto(asker, fileOf({ ...good, alerts: [{ family: 'node', about: 'all' }], ...wrong }));
    expect(view).toMatchObject({ title: 'That file does not fit', tone: 'error' });
    expect(wordsOf(view)).toContain(words);
    expect(wordsOf(view)).toContain('Nothing was changed.');
    expect(await asker.store.subscriptions.counts()).toEqual({ destinations: 0, subscriptions: 0 });
  });

  test('names the first five problems and counts the others', async () => {
    const asker = await askerOn(3);
    const view = await importInto(asker, fileOf({ alerts: Array.from({ length: 9 }, () => ({ family: 'node' })) }));
    expect(view.lines).toHaveLength(7);
    expect(view.lines[5]).toBe('+4 more problems.');
  });

  test('of more alerts than a chat can have stores none', async () => {
    const asker = await askerOn(52);
    for (let index = 0; index < 40; index += 1) await asker.ask(`alerts add node gw${index}.`);
    const alerts = Array.from({ length: 22 }, (_, index) => ({
      family: 'node',
      about: { node: endpointOf(index + 30) },
    }));
    const view = await importInto(asker, fileOf({ alerts }));
    expect(wordsOf(view)).toContain('alerts would make 52 alerts of this chat; it can have 50 at most');
    expect(await asker.store.subscriptions.counts()).toEqual({ destinations: 1, subscriptions: 40 });
  });

  test('needs the bot’s right to post, and a chat', async () => {
    const asker = await askerOn(3);
    const file = fileOf({ alerts: [{ family: 'node', about: 'all' }] });
    const mute = placeOf('discord', { missingPermissions: async () => ['Embed Links'] });
    expect((await importInto(asker, file, mute)).title).toBe('I cannot post here');
    expect((await importInto(asker, file, placeOf('terminal'))).title).toBe('No chat to tell');
    expect(await asker.store.subscriptions.counts()).toEqual({ destinations: 0, subscriptions: 0 });
  });
});

describe('mentions of a file', () => {
  const alerts = [
    { family: 'node', about: 'all', mention: 'role:5' },
    { family: 'node', about: { node: endpointOf(1) }, mention: 'user:7' },
  ];
  const picky = placeOf('discord', {
    mentionProblem: async (mention) => (mention === 'role:5' ? 'There is no such role in this server.' : null),
  });

  test('are made where the chat allows them, and are left out and said where not', async () => {
    const asker = await askerOn(3);
    for (const title of ['Imported', 'Nothing to change']) {
      const view = await importInto(asker, fileOf({ alerts }), picky);
      expect(view.title).toBe(title);
      expect(wordsOf(view)).toContain('Left out (calls role 5): There is no such role in this server.');
    }
    expect((await heardIn(asker, picky)).subscriptions.map(({ mention }) => mention)).toEqual(['', 'user:7']);
  });

  test('keep what an alert called before when they are left out', async () => {
    const asker = await askerOn(3);
    await asker.ask('alerts add node all mention:me', picky);
    await importInto(asker, fileOf({ alerts }), picky);
    expect((await heardIn(asker, picky)).subscriptions[0]?.mention).toBe('user:4242');
  });

  test('of another app are left out', async () => {
    const asker = await askerOn(3);
    const from = { app: 'discord', chat: 'x' };
    const telegram = placeOf('telegram');
    const view = await importInto(asker, fileOf({ from, alerts }), telegram);
    expect(wordsOf(view)).toContain('the file is of another app');
    expect((await heardIn(asker, telegram)).subscriptions.map(({ mention }) => mention)).toEqual(['', '']);
  });
});

describe('whatever a file holds', () => {
  const places = (['discord', 'telegram'] as const).map((platform) => placeOf(platform));

  async function expectRefused(asker: Asker, file: string): Promise<void> {
    for (const place of places) expect((await importInto(asker, file, place)).tone).toBe('error');
    expect(await asker.store.subscriptions.counts()).toEqual({ destinations: 0, subscriptions: 0 });
  }

  test('text and JSON of no form are refused, and nothing is stored', { timeout: 120_000 }, async () => {
    const asker = await askerOn(3);
    const text = fc.oneof(
      hostile,
      fc.json({ maxDepth: 6 }),
      fc.constantFrom('['.repeat(60_000), '\uFEFF{}', '{"__proto__":1}'),
    );
    await fc.assert(
      fc.asyncProperty(text, (file) => expectRefused(asker, file)),
      { numRuns: 400 },
    );
  });

  test('a good file with one hostile value anywhere is refused whole', { timeout: 120_000 }, async () => {
    const asker = await askerOn(3);
    const fields = ['family', 'rule', 'about', 'severity', 'threshold', 'afterSeconds', 'mention', 'pausedUntil'];
    const settings = ['timeZone', 'dates', 'quietHours', 'resolve', 'digest', 'digestAt', 'escalation', '__proto__'];
    const good = new Set<unknown>([undefined, null, 'all', 'node', ...SEVERITIES]);
    const bad = anyValue.map((value) => {
      try {
        return JSON.parse(JSON.stringify(value) ?? 'null') as unknown;
      } catch {
        return {};
      }
    });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...fields, ...settings), bad, async (field, value) => {
        fc.pre(!good.has(value) && !(typeof value === 'object' && field === '__proto__'));
        // A number of seconds may be a good one.
        fc.pre(field !== 'afterSeconds' || typeof value !== 'number');
        const inSettings = settings.includes(field);
        const alert = { family: 'node', about: 'all', ...(inSettings ? {} : { [field]: value }) };
        await expectRefused(asker, fileOf({ alerts: [alert], settings: inSettings ? { [field]: value } : {} }));
      }),
      { numRuns: 500 },
    );
  });

  test('what is exported is always read again, to the same', { timeout: 120_000 }, async () => {
    const asker = await askerOn(6);
    const until = fc.oneof(fc.constant(FOREVER_MS), fc.integer({ min: NOW_MS + 1, max: NOW_MS + 300 * 24 * HOUR_MS }));
    const minute = fc.integer({ min: 0, max: 1_439 });
    const settings = fc.record(
      {
        timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe'),
        locale: fc.constantFrom('', 'de-DE', 'en-GB', 'ar'),
        quiet: fc.option(
          fc
            .record({ fromMinute: minute, toMinute: minute, criticalPasses: fc.boolean() })
            .filter(({ fromMinute, toMinute }) => fromMinute !== toMinute),
        ),
        resolveStyle: fc.constantFrom('reply' as const, 'edit' as const, 'both' as const, 'none' as const),
        digest: fc.constantFrom('off' as const, 'hourly' as const, 'daily' as const, 'weekly' as const),
        digestMinute: minute,
      },
      { requiredKeys: [] },
    );
    const changes = fc.record({
      floor: fc.constantFrom(...SEVERITIES),
      delaySeconds: fc.option(fc.integer({ min: 10, max: 604_800 })),
      mention: fc.constantFrom('', 'user:7', 'role:5'),
      pausedUntilMs: fc.option(until),
    });
    let count = 0;
    await fc.assert(
      fc.asyncProperty(settings, fc.array(changes, { maxLength: 4 }), fc.option(until), async (how, each, muted) => {
        count += 1;
        const [one, other] = ['a', 'b'].map((side) =>
          placeOf('discord', { address: { platform: 'discord', chatId: `${side}${count}`, threadId: null } }),
        ) as [Place, Place];
        await asker.store.subscriptions.applySet({
          ...{ address: one.address, title: 'one', kind: 'group', byId: 'discord:4242', nowMs: NOW_MS },
          additions: [
            { family: 'node', rule: '', scope: 'all', subject: '', changes: {} },
            ...each.map((change, index) => ({
              ...{ family: 'node', rule: '', scope: 'node' as const, subject: String(index + 1), changes: change },
            })),
          ],
          edits: [],
          mutes: muted === null ? [] : [{ rule: '', untilMs: muted, by: 'Mo' }],
          settings: how,
        });
        await importInto(asker, await exported(asker, one), other);
        expect(await heardIn(asker, other)).toEqual(await heardIn(asker, one));
      }),
      { numRuns: 60 },
    );
  });
});
