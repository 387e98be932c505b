import { describe, expect, test } from 'vitest';
import type { View } from '../../src/lib/view.ts';
import { type Asker, askerOn } from './ask.ts';
import { expectClear, expectSafeEverywhere, wordsOf } from './judgeView.ts';
import { callerOf, NOW, NOW_MS, ownerOf, placeOf } from './seed.ts';
import { blobId, seedHub } from './seedHub.ts';

/** Alerts about models and proofs, which are about other things than nodes are. */

const here = placeOf('discord');
const elsewhere = placeOf('discord', { address: { platform: 'discord', chatId: 'elsewhere', threadId: null } });
const BLOB = blobId(20);
const HASH = `0x${'ab12'.repeat(16)}` as const;

const heard = async ({ store }: Asker, { address } = here) =>
  (await store.subscriptions.list(address)).subscriptions.map(({ family, rule, scope, subject }) => [
    ...[family, rule, scope, subject],
  ]);

async function importInto({ bot }: Asker, alerts: object[], place = elsewhere): Promise<View> {
  const file = JSON.stringify({ 'assay-alerts': 1, alerts });
  const view = await bot.run(['alerts', 'import'], { file }, callerOf(place.platform), place);
  expectClear(view, file);
  expectSafeEverywhere(view);
  expect(bot.reported).toEqual([]);
  return view;
}

/** A follower of an answer, as /proof watch makes one. */
const followAnswer = async ({ store }: Asker) =>
  await store.proofs.watch({
    ...{ kind: 'request', hash: HASH, signedAtSeconds: null, createdAtSeconds: NOW, mention: 'user:4242' },
    place: { address: here.address, title: here.title, kind: 'group' },
    ...{ createdBy: 'discord:4242', maxWaiting: 20, nowMs: NOW_MS },
  });

describe('alerts add', () => {
  test.each<[string, string[], string]>([
    ['model all', ['model', '', 'all', ''], 'all models'],
    ['model Acme/Fraud-Net', ['model', '', 'model', 'acme/fraud-net'], 'model Acme/Fraud-Net'],
    ['model not/listed model.late', ['model', 'model.late', 'model', 'not/listed'], 'only model.late'],
    [`model ${BLOB}`, ['model', '', 'blob', BLOB], 'the upload blob-2…____'],
    ['model owner:Acme', ['model', '', 'owner', 'acme'], 'the models of acme'],
    ['proof all warning', ['proof', '', 'all', ''], 'all proofs'],
    ['proof gw3.', ['proof', '', 'node', '4'], 'proofs of gw3'],
    [`proof owner:${ownerOf(3)} proof.root`, ['proof', 'proof.root', 'owner', ownerOf(3)], 'proofs of the nodes of 0x'],
  ])('%s', async (line, stored, words) => {
    const asker = await askerOn(6);
    const view = await asker.ask(`alerts add ${line}`);
    expect(view.title).toBe('Alerts are on');
    expect(wordsOf(view)).toContain(words);
    expect(await heard(asker)).toEqual([stored]);
  });

  test('what a whole family tells is said in its own words', async () => {
    const { ask } = await askerOn(6);
    expect(wordsOf(await ask('alerts add node all'))).toContain('late, missed and expired heartbeats');
    expect(wordsOf(await ask('alerts add model all'))).toContain('late registrations, new listings and versions');
    expect(wordsOf(await ask('alerts add proof all'))).toContain('wrong roots and signatures');
  });

  test('models and uploads can be asked for before anything was read; nodes cannot', async () => {
    const { ask } = await askerOn(0);
    expect((await ask('alerts add model acme/x')).title).toBe('Alerts are on');
    expect((await ask('alerts add proof all')).title).toBe('Alerts are on');
    expect((await ask('alerts add proof gw3.')).title).toBe('Not known yet');
  });

  test.each([
    ['model fraud', 'No such model'],
    ['model owner:a/b', 'No such model'],
    [`model ${'x'.repeat(130)}/y`, 'No such model'],
    ['model acme/x node.heartbeat', 'Not of this kind'],
    ['node all model.late', 'Not of this kind'],
    ['node acme/x', 'No such node'],
    [`node ${BLOB}`, 'No such node'],
    ['proof owner:acme', 'Not an address'],
    ['vote all', 'That did not fit'],
    ['watch all', 'That did not fit'],
  ])('%s: %s, and nothing is stored', async (line, title) => {
    const asker = await askerOn(6);
    expect(await asker.ask(`alerts add ${line}`)).toMatchObject({ title, tone: 'error' });
    expect(await heard(asker)).toEqual([]);
  });

  test('by buttons alone: the kind, then what there is of that kind', async () => {
    const asker = await askerOn(6);
    await seedHub(asker.store);
    const kinds = await asker.ask('alerts add');
    const models = await asker.ask(kinds.actions?.find(({ label }) => label === 'model')?.command ?? '');
    expect(models.actions?.map(({ label }) => label).slice(0, 2)).toEqual(['all models', 'acme/empty']);
    for (const { command } of models.actions ?? []) expect((await asker.ask(command)).title).toBe('Alerts are on');
    expect(await heard(asker)).toHaveLength(models.actions?.length ?? 0);
    const proofs = await asker.ask(kinds.actions?.find(({ label }) => label === 'proof')?.command ?? '');
    expect(proofs.actions).toHaveLength(7);
  });
});

describe('alerts list and edit', () => {
  test('say what each is about', async () => {
    const asker = await askerOn(6);
    for (const target of [
      'model all',
      'model acme/x',
      `model ${BLOB}`,
      'model owner:acme',
      'proof all',
      'proof gw3.',
    ]) {
      await asker.ask(`alerts add ${target}`);
    }
    await asker.ask(`alerts add proof owner:${ownerOf(3)} proof.root critical`);
    const owner = `${ownerOf(3).slice(0, 8)}…${ownerOf(3).slice(-4)}`;
    expect((await asker.ask('alerts list')).lines.slice(1, 8)).toEqual([
      [{ code: '#1' }, ' all models'],
      [{ code: '#2' }, ' model acme/x'],
      [{ code: '#3' }, ' upload blob-2…____'],
      [{ code: '#4' }, ' models of acme'],
      [{ code: '#5' }, ' all proofs'],
      [{ code: '#6' }, ' proofs of node gw3.og-nodes.example:8443'],
      [{ code: '#7' }, ` proofs of nodes of ${owner}: only proof.root, critical only`],
    ]);
    expect((await asker.ask('alerts edit 3')).lines[0]).toEqual([{ strong: 'upload blob-2…____' }]);
  });

  test('a threshold of a model’s rule counts within that rule’s range', async () => {
    const { ask, store } = await askerOn(0);
    await ask('alerts add model all model.late');
    expect((await ask('alerts edit 1 threshold:3h')).title).toBe('Changed: alert #1');
    expect((await store.subscriptions.list(here.address)).subscriptions[0]?.threshold).toBe(10_800);
    expect((await ask('alerts edit 1 threshold:1m')).tone).toBe('error');
    expect(wordsOf(await ask('alerts list'))).toContain('time since it was first seen stored from 3 h');
  });

  test('an answer that is followed is named by its hash and how it stands, while it is known', async () => {
    const asker = await askerOn(6);
    await followAnswer(asker);
    const line = 'the proof of request 0xab12ab…ab12 (waits for its proof)';
    expect((await asker.ask('alerts list')).lines[1]).toEqual([{ code: '#1' }, ` ${line}, calls user 4242`]);
    expect((await asker.ask('alerts edit 1')).lines[0]).toEqual([{ strong: line }]);
    expect((await asker.ask('alerts remove')).actions?.[0]?.label).toBe(`#1 ${line}`);
    const [watch] = await asker.store.proofs.waiting();
    await asker.store.proofs.decide([{ id: watch?.id ?? 0, state: 'expired', reason: '', nowMs: NOW_MS }]);
    expect(wordsOf(await asker.ask('alerts list'))).toContain('(expired, never proven)');
    await asker.store.subscriptions.add({
      ...{ address: here.address, title: '', kind: 'group', family: 'watch', scope: 'watch', subject: '999' },
      ...{ createdBy: 'discord:1', nowMs: NOW_MS },
    });
    expect(wordsOf(await asker.ask('alerts list'))).toContain('the proof of an answer that is not known any more');
  });

  test('what is followed is counted in /privacy show', async () => {
    const asker = await askerOn(6);
    await followAnswer(asker);
    expect(wordsOf(await asker.ask('privacy show'))).toContain('1 answer whose proof you follow');
  });
});

describe('alerts export and import', () => {
  test('take models, uploads, authors and proofs along; an answer that is followed stays', async () => {
    const asker = await askerOn(6);
    const lines = [
      'model all',
      'model acme/x model.late',
      `model ${BLOB}`,
      'model owner:acme',
      'proof all',
      'proof gw3.',
    ];
    for (const line of lines) await asker.ask(`alerts add ${line}`);
    await followAnswer(asker);
    const { file, lines: said } = await asker.ask('alerts export');
    expect(said[0]).toBe('In the file: 6 alerts, 0 mutes, the settings of this chat.');
    expect(wordsOf(await asker.ask('alerts export'))).not.toContain('Not in it');
    const { alerts } = JSON.parse(file?.text ?? '') as { alerts: { about: unknown }[] };
    expect(alerts.map(({ about }) => about)).toEqual([
      'all',
      { model: 'acme/x' },
      { blob: BLOB },
      { owner: 'acme' },
      'all',
      { node: 'https://gw3.og-nodes.example:8443' },
    ]);
    expect((await importInto(asker, alerts)).title).toBe('Imported');
    expect(await heard(asker, elsewhere)).toEqual((await heard(asker)).filter(([family]) => family !== 'watch'));
    expect((await importInto(asker, alerts)).title).toBe('Nothing to change');
  });

  test('an imported upload is asked for from then on, and names may be written in any case', async () => {
    const asker = await askerOn(0);
    await importInto(asker, [
      { family: 'model', about: { blob: BLOB } },
      { family: 'model', about: { model: ' ACME/Fraud Net ' } },
      { family: 'model', about: { owner: 'ACME' } },
    ]);
    expect((await asker.store.models.blob(BLOB))?.blob.origin).toBe('watch');
    expect((await heard(asker, elsewhere)).map(([, , , subject]) => subject)).toEqual([BLOB, 'acme/fraud net', 'acme']);
  });

  test.each<[string, object, string]>([
    [
      'a model that is none',
      { family: 'model', about: { model: 'fraud' } },
      'alerts[0].about.model must be author/name',
    ],
    ['a name with a bar', { family: 'model', about: { model: 'a/b|c' } }, 'alerts[0].about.model must be author/name'],
    ['a blob id that is none', { family: 'model', about: { blob: 'x' } }, 'alerts[0].about.blob must be a blob id'],
    ['a node of models', { family: 'model', about: { node: 'https://x' } }, 'alerts[0].about must name a model'],
    ['a model of nodes', { family: 'node', about: { model: 'a/b' } }, 'alerts[0].about must name a node'],
    ['an upload of proofs', { family: 'proof', about: { blob: BLOB } }, 'alerts[0].about must name a node'],
    ['an author of nodes', { family: 'node', about: { owner: 'acme' } }, 'alerts[0].about.owner must be an address'],
    [
      'another family’s rule',
      { family: 'model', rule: 'node.heartbeat', about: 'all' },
      'alerts[0].rule is no rule of model',
    ],
    [
      'what is followed',
      { family: 'watch', about: 'all' },
      'alerts[0].family must be one of node, model, proof, gov, voter',
    ],
    ['two at once', { family: 'model', about: { model: 'a/b', blob: BLOB } }, 'alerts[0].about must be "all"'],
  ])('refuse %s, by its place', async (_, alert, words) => {
    const asker = await askerOn(0);
    const view = await importInto(asker, [alert, { family: 'model', about: 'all' }]);
    expect(view.title).toBe('That file does not fit');
    expect(wordsOf(view)).toContain(words);
    expect(await asker.store.subscriptions.counts()).toEqual({ destinations: 0, subscriptions: 0 });
  });

  test('the same model twice is said, however it is written', async () => {
    const asker = await askerOn(0);
    const view = await importInto(
      asker,
      ['a/b', 'A/B'].map((model) => ({ family: 'model', about: { model } })),
    );
    expect(wordsOf(view)).toContain('alerts[1] is about the same as alerts[0]');
  });
});
