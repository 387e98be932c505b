import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Address, PlatformName } from '../../src/lib/delivery.ts';
import type { ChatKind, Store } from '../../src/store/store.ts';
import { type DatabaseRig, DIALECTS, startDatabases } from '../rigs/store.ts';
import { ALERT, incident } from './sample.ts';

const ADA = 'telegram:77';
const ADA_DISCORD = 'discord:8';
const BOB = 'telegram:99';

const chat = (chatId: string, platform: PlatformName = 'telegram'): Address => ({ platform, chatId, threadId: null });

describe.each(DIALECTS)('accounts on %s', (dialect) => {
  let rig: DatabaseRig;
  let store: Store;
  let url: string;
  beforeAll(async () => {
    rig = await startDatabases(dialect);
  });
  afterAll(() => rig.close());
  beforeEach(async () => {
    url = await rig.emptyDatabase();
    store = await rig.open(url);
  });

  async function link(one: string, other: string): Promise<void> {
    await store.accounts.createCode(one, `${one}>${other}`, 100);
    expect(await store.accounts.redeem(`${one}>${other}`, other, 50)).toBe('linked');
  }

  const subscribe = async (address: Address, kind: ChatKind, createdBy: string, mention = '') =>
    await store.subscriptions.add({
      ...{ address, title: `chat ${address.chatId}`, kind, family: 'node', scope: 'all', subject: '', createdBy },
      ...{ overrides: { mention }, nowMs: 1 },
    });

  describe('linking', () => {
    test('a code links two accounts, seen from both, once', async () => {
      expect(await store.accounts.linked(ADA)).toEqual([ADA]);
      await link(ADA, ADA_DISCORD);
      expect(await store.accounts.linked(ADA)).toEqual([ADA, ADA_DISCORD]);
      expect(await store.accounts.linked(ADA_DISCORD)).toEqual([ADA_DISCORD, ADA]);
      expect(await store.accounts.redeem(`${ADA}>${ADA_DISCORD}`, BOB, 50)).toBe('unknown');
      expect(await store.accounts.linked(BOB)).toEqual([BOB]);
    });

    test('of two that redeem one code at once, one is linked', async () => {
      await store.accounts.createCode(ADA, 'h', 100);
      const answers = await Promise.all([ADA_DISCORD, BOB].map((id) => store.accounts.redeem('h', id, 50)));
      expect(answers.sort()).toEqual(['linked', 'unknown']);
      expect(await store.accounts.linked(ADA)).toHaveLength(2);
    });

    test('a code that nobody made, or that has expired, or was replaced, is unknown', async () => {
      expect(await store.accounts.redeem('h', BOB, 50)).toBe('unknown');
      await store.accounts.createCode(ADA, 'h', 100);
      expect(await store.accounts.redeem('h', BOB, 100)).toBe('unknown');
      await store.accounts.createCode(ADA, 'newer', 100);
      expect(await store.accounts.redeem('h', BOB, 50)).toBe('unknown');
      expect(await store.accounts.redeem('newer', BOB, 99)).toBe('linked');
    });

    test('one’s own code links nothing and can still be used', async () => {
      await store.accounts.createCode(ADA, 'h', 100);
      expect(await store.accounts.redeem('h', ADA, 50)).toBe('same');
      expect(await store.accounts.linked(ADA)).toEqual([ADA]);
      expect(await store.accounts.redeem('h', ADA_DISCORD, 50)).toBe('linked');
    });

    test('two persons of two accounts each become one', async () => {
      await link('telegram:1', 'discord:1');
      await link('telegram:2', 'discord:2');
      await link('discord:1', 'telegram:2');
      expect(await store.accounts.linked('discord:2')).toEqual(['discord:2', 'discord:1', 'telegram:1', 'telegram:2']);
    });

    test('what is unlinked stands alone, and so does the one that is left', async () => {
      await link(ADA, ADA_DISCORD);
      expect(await store.accounts.unlink(ADA)).toBe(true);
      expect(await store.accounts.unlink(ADA)).toBe(false);
      expect(await store.accounts.unlink(ADA_DISCORD)).toBe(false);
      expect(await rig.query(url, 'SELECT * FROM "Account"')).toEqual([]);
    });
  });

  describe('privacy', () => {
    /** Ada on both apps: two private chats, a community where she set up alerts, acknowledged and muted; Bob beside her. */
    beforeEach(async () => {
      await link(ADA, ADA_DISCORD);
      await store.accounts.createCode(ADA, 'open', 1_000);
      await subscribe(chat('77'), 'private', ADA);
      await subscribe(chat('500', 'discord'), 'private', ADA_DISCORD);
      await subscribe(chat('-100'), 'group', ADA, 'user:77');
      await subscribe(chat('600', 'discord'), 'channel', BOB, 'user:77');
      await subscribe(chat('99'), 'private', BOB);
      await store.incidents.apply([{ incident: incident(), event: ALERT }], 1_000);
      const [open] = await store.incidents.open();
      await store.incidents.attend({
        ...{ address: chat('-100'), incidentIds: [open?.id ?? 0], by: 'Ada', byId: ADA },
        ...{ nowMs: 1_001, snoozedUntilMs: null },
      });
      const mute = { rule: '', untilMs: 9_000, by: 'Ada' };
      await store.subscriptions.mute({
        ...{ address: chat('-100'), title: 'chat -100', kind: 'group', mute, byId: ADA, nowMs: 1_002 },
      });
    });

    test('all that is stored about a person is shown, from either account, and nothing of others', async () => {
      const stored = await store.accounts.stored(ADA);
      expect(stored).toMatchObject({
        accounts: [ADA, ADA_DISCORD],
        privateChats: [
          { platform: 'telegram', title: 'chat 77' },
          { platform: 'discord', title: 'chat 500' },
        ],
        acknowledgements: 1,
        mutes: 1,
        mentions: 1,
      });
      expect(stored.subscriptions.map(({ platform, chatTitle }) => `${platform} ${chatTitle}`)).toEqual([
        ...['telegram chat 77', 'discord chat 500', 'telegram chat -100'],
      ]);
      expect(await store.accounts.stored(ADA_DISCORD)).toEqual({ ...stored, accounts: [ADA_DISCORD, ADA] });
      expect(await store.accounts.stored('telegram:1234')).toEqual({
        ...{ accounts: ['telegram:1234'], subscriptions: [], privateChats: [] },
        ...{ acknowledgements: 0, mutes: 0, watches: 0, mentions: 0 },
      });
    });

    test('whoever is forgotten leaves no trace, and a community keeps its alerts', async () => {
      await store.accounts.forget(ADA_DISCORD);
      for (const account of [ADA, ADA_DISCORD]) {
        expect(await store.accounts.stored(account)).toEqual({
          ...{ accounts: [account], subscriptions: [], privateChats: [] },
          ...{ acknowledgements: 0, mutes: 0, watches: 0, mentions: 0 },
        });
      }
      expect((await store.subscriptions.list(chat('77'))).destination).toBe(null);
      expect((await store.subscriptions.list(chat('500', 'discord'))).destination).toBe(null);
      const community = await store.subscriptions.list(chat('-100'));
      expect(community.subscriptions).toMatchObject([{ createdBy: 'forgotten', mention: '' }]);
      expect(community.mutes).toMatchObject([{ by: 'forgotten', untilMs: 9_000 }]);
      const [record] = await store.incidents.recent({ limit: 1, destinationId: community.destination?.id ?? 0 });
      expect(record?.notice).toMatchObject({ acknowledgedBy: 'forgotten', acknowledgedAtMs: 1_001 });
      // The same number on another platform is somebody else.
      const [other] = (await store.subscriptions.list(chat('600', 'discord'))).subscriptions;
      expect(other).toMatchObject({ createdBy: BOB, mention: 'user:77' });
      expect((await store.accounts.stored(BOB)).subscriptions).toHaveLength(2);
      expect(await store.accounts.redeem('open', BOB, 50)).toBe('unknown');
      const everything = await Promise.all(
        ['Destination', 'Subscription', 'Mute', 'Notice', 'Account', 'LinkCode'].map((table) =>
          rig.query(url, `SELECT * FROM "${table}"`),
        ),
      );
      const text = JSON.stringify(everything, (_, value) => (typeof value === 'bigint' ? Number(value) : value));
      expect(text).not.toMatch(/telegram:77|discord:8|Ada/);
    });

    test('a chat that was to stand in for another is not called any more', async () => {
      const { destination } = await store.subscriptions.list(chat('77'));
      await store.subscriptions.configure({
        ...{ address: chat('-100'), title: 'chat -100', kind: 'group', nowMs: 1_003 },
        settings: { escalation: { afterSeconds: 60, mention: 'user:77', toId: destination?.id ?? 0 } },
      });
      expect((await store.accounts.stored(ADA)).mentions).toBe(2);
      await store.accounts.forget(ADA);
      expect((await store.subscriptions.list(chat('-100'))).destination?.settings.escalation).toEqual({
        ...{ afterSeconds: 60, mention: '', toId: null },
      });
    });
  });
});
