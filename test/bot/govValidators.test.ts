import { expect, test } from 'vitest';
import { validator } from '../store/governanceSample.ts';
import { askerOn } from './ask.ts';
import { pointOf, wordsOf } from './judgeView.ts';
import { NOW, NOW_MS } from './seed.ts';
import { governanceIsFresh, isFailing, seedValidators, VALIDATORS } from './seedGovernance.ts';

test('all well: how many, what each may decide, nobody jailed; missed blocks beside what is allowed', async () => {
  const { ask, store } = await askerOn(0);
  await seedValidators(store, [{ missedBlocks: 0 }, { missedBlocks: 1 }, {}, { missedBlocks: null }]);
  await governanceIsFresh(store);
  const view = await ask('gov validators');
  expect(view).toMatchObject({ title: 'Validators of OpenGradient', tone: 'ok' });
  expect(pointOf(view)).toBe(
    '5 bonded validators with 5 power, the same for each; none jailed, 2 missed more than 1 % of blocks.',
  );
  const words = wordsOf(view);
  expect(words).toContain('• cedar 0x000000…0051: 1 power (20 %), no block missed');
  expect(words).toContain('• fir 0x000000…0053: 1 power (20 %), missed 3 blocks (3 %)');
  expect(words).toContain('• oak 0x000000…0054: 1 power (20 %), missed blocks not known');
  expect(words).toContain('Missed blocks: of the last 100; who misses more than 50 of them is jailed.');
  expect(words).toContain('Proof of authority');
});

test('jailed and gone: a jailed one has no share and says until when, one for good says so, one that left is not listed', async () => {
  const { ask, store } = await askerOn(0);
  const jailed = { status: 'unbonding', jailed: true, jailedUntilSeconds: NOW + 600 } as const;
  const changes = [{}, jailed, { status: 'unbonded', jailed: true, tombstoned: true } as const, { moniker: ' ' }];
  await seedValidators(store, changes);
  for (const at of [3, 2]) {
    const readings = [0, 1, 2, 3].map((index) =>
      validator(0x51 + index, { moniker: ['cedar', 'elm', 'fir', ' '][index] ?? '', ...changes[index] }),
    );
    await store.governance.saveValidators({
      ...{ source: VALIDATORS, readings, clockSeconds: NOW - at, nowMs: NOW_MS - at * 1000 },
    });
  }
  await governanceIsFresh(store);
  const view = await ask('gov validators');
  expect(view.tone).toBe('degraded');
  expect(pointOf(view)).toContain('2 bonded validators with 2 power, the same for each; 2 jailed');
  const lines = view.lines.filter((line) => Array.isArray(line) && line[0] === '• ');
  expect(lines).toHaveLength(4);
  expect(lines[2]).toEqual([
    '• ',
    { strong: 'elm' },
    ' 0x000000…0052: ',
    { strong: 'jailed' },
    ' until ',
    { time: NOW + 600 },
    '; ',
    '1 power, missed 3 blocks (3 %)',
  ]);
  expect(wordsOf(view)).toContain('jailed for good');
  expect(wordsOf(view)).toContain('• 0x000000…0054');
  expect(wordsOf(view)).not.toContain('pine');
});

test('power that differs is a share of what is bonded', async () => {
  const { ask, store } = await askerOn(0);
  await seedValidators(store, [{ tokensWei: 6n * 10n ** 18n }]);
  await governanceIsFresh(store);
  const view = await ask('gov validators');
  expect(pointOf(view)).toContain('5 bonded validators with 10 power; none jailed');
  expect(wordsOf(view)).toContain('6 power (60 %)');
});

test('a hundred: ten a page', async () => {
  const { ask, store } = await askerOn(0);
  const readings = Array.from({ length: 100 }, (_, index) => validator(index + 1));
  await store.governance.saveValidators({ source: VALIDATORS, readings, clockSeconds: NOW, nowMs: NOW_MS });
  await governanceIsFresh(store);
  const view = await ask('gov validators page:4');
  expect(view.page).toMatchObject({ number: 4, of: 10 });
  expect(view.lines.filter((line) => Array.isArray(line) && line[0] === '• ')).toHaveLength(10);
});

test('nothing read is not a chain without validators; a failing source is of then, and not green', async () => {
  const { ask, store } = await askerOn(0);
  expect(await ask('gov validators')).toMatchObject({ title: 'Validators: not known yet', tone: 'unknown' });
  await seedValidators(store);
  await isFailing(store, VALIDATORS);
  const view = await ask('gov validators');
  expect(view.tone).toBe('unknown');
  expect(wordsOf(view)).toContain('This is not from now: the staking precompile 0x0000…0800 on chain 10740');
});

test('Bedrock has no validators to read', async () => {
  const { ask } = await askerOn(0);
  expect(pointOf(await ask('gov validators bedrock'))).toContain('No source of validators is configured for Bedrock');
});
