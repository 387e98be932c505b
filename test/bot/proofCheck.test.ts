import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { readHash, readSubject } from '../../src/bot/proofHash.ts';
import type { CheckProof, ProofCheck, ProofSubject } from '../../src/lib/proofFacts.ts';
import type { View } from '../../src/lib/view.ts';
import { type Asker, askerOn } from './ask.ts';
import { hostile } from './hostile.ts';
import { expectClear, expectSafeEverywhere, wordsOf } from './judgeView.ts';
import { callerOf, NOW, placeOf } from './seed.ts';

const HEX = 'ab12'.repeat(16);
const HASH = `0x${HEX}`;
const BLOB = 'hJD2Ja3akZFt1A2LT-D_1oxOCz_OtuGYw4V9eE1m39M';

const point = ({ lines }: View): string => (lines[0] as { strong: string }[])[0]?.strong ?? '';

const checkOf = (changes: Partial<ProofCheck> = {}): ProofCheck => ({
  subject: `transaction ${HASH}`,
  steps: [
    { name: 'on chain', outcome: 'holds', detail: 'block 12' },
    { name: 'blob', outcome: 'holds', detail: '5 kB' },
  ],
  verdict: 'checking',
  ...{ leaves: null, settledAtSeconds: null, delaySeconds: null, mode: null, txHash: null },
  sources: ['chain 10740, asked now'],
  ...changes,
});

function answering({ bot }: Asker, checkProof: CheckProof): void {
  Object.assign(bot.context, { checkProof });
}

test.each([
  ['a hash as it is', HASH],
  ['without 0x', HEX],
  ['in capitals', HASH.toUpperCase()],
  ['broken by white space', `0x ${HEX.slice(0, 20)}\n${HEX.slice(20)} `],
  ['the address of a page that shows it', `https://explorer.opengradient.ai/tx/${HASH}`],
])('%s is one hash', (_, typed) => {
  expect(readSubject(typed)).toEqual({ kind: 'hash', hash: HASH });
});

test('a blob id is one, as it is written: capitals matter', () => {
  for (const typed of [BLOB, ` ${BLOB}`, `https://walruscan.com/mainnet/blob/${BLOB}`]) {
    expect(readSubject(typed)).toEqual({ kind: 'blob', blobId: BLOB });
  }
  for (const typed of [`${BLOB}a`, BLOB.slice(1), HASH.slice(0, -1), `${HASH}0`, '0x', '']) {
    expect(readSubject(typed)).toBeNull();
  }
});

test('law: whatever is read as a hash is 32 bytes in lower case', () => {
  fc.assert(
    fc.property(hostile, (typed) => {
      const hash = readHash(typed);
      expect(hash === null || /^0x[0-9a-f]{64}$/.test(hash)).toBe(true);
    }),
  );
});

test('something else is answered with what is expected, and nobody is asked', async () => {
  const asker = await askerOn(0);
  answering(asker, () => Promise.reject(new Error('asked')));
  const view = await asker.ask('proof check acme/fraud-net');
  expect(view.tone).toBe('error');
  expect(wordsOf(view)).toContain('64 hex digits, with or without 0x), or a blob id (43 characters)');
  expect(asker.bot.reported).toEqual([]);
});

test('every step is shown as it is done, with its mark; the last answer begins with the verdict', async () => {
  const asker = await askerOn(0);
  const asked: ProofSubject[] = [];
  const steps: ProofCheck['steps'] = [
    { name: 'settlement', outcome: 'holds', detail: 'in block 12' },
    { name: 'sender', outcome: 'not needed', detail: 'none is configured' },
    { name: 'blob', outcome: 'could not ask', detail: 'aggregator 1 does not answer' },
    { name: 'root', outcome: 'fails', detail: 'another one' },
  ];
  answering(asker, async (subject, onStep) => {
    asked.push(subject);
    for (const [at] of steps.entries()) onStep(checkOf({ steps: steps.slice(0, at + 1) }));
    return checkOf({
      ...{ steps, verdict: 'wrong', settledAtSeconds: NOW - 60, delaySeconds: 1_200, mode: 'batch' },
      leaves: { valid: 19, 'bad-signature': 1 },
    });
  });
  const parts: View[] = [];
  const place = placeOf('discord');
  const view = await asker.bot.runText(`proof check ${HEX}`, callerOf('discord'), place, (part) => parts.push(part));
  for (const one of [...parts, view]) {
    expectClear(one);
    expectSafeEverywhere(one);
  }
  expect(asked).toEqual([{ kind: 'hash', hash: HASH }]);
  expect(parts.map(point)).toEqual(
    [1, 2, 3, 4].map((count) => `Checking: ${count} step${count === 1 ? '' : 's'} done.`),
  );
  expect(wordsOf(parts[0] as View)).toContain('This message changes as answers come.');
  expect(point(view)).toBe('Wrong: a step fails: root.');
  expect(view).toMatchObject({ tone: 'down', asOf: NOW, sources: ['chain 10740, asked now'] });
  const words = wordsOf(view);
  for (const line of [
    '🟢 settlement: holds, in block 12',
    '➖ sender: not needed, none is configured',
    '⚪ blob: could not ask, aggregator 1 does not answer',
    '🔴 root: fails, another one',
    'Answers in the batch: 19 valid, 1 bad signature.',
    '20 min after it was signed (slow;',
  ]) {
    expect(words).toContain(line);
  }
});

test.each([
  ['proven', 'ok', 'Proven: every step that matters holds.'],
  ['open', 'unknown', 'Neither proven nor wrong: something could not be asked.'],
  [
    'not found',
    'unknown',
    'Not found: nothing settled is known by that, or not yet. That is no sign of a wrong proof.',
  ],
] as const)('%s is said in the first line', async (verdict, tone, line) => {
  const asker = await askerOn(0);
  answering(asker, async () => checkOf({ verdict }));
  const view = await asker.ask(`proof check ${BLOB}`);
  expect(point(view)).toBe(line);
  expect(view.tone).toBe(tone);
});

test('what a check reports from outside is bounded and harmless', async () => {
  const asker = await askerOn(0);
  await fc.assert(
    fc.asyncProperty(hostile, hostile, async (name, detail) => {
      const steps = [{ name: `n${name}`, outcome: 'fails' as const, detail }];
      answering(asker, async () => checkOf({ subject: name, steps, verdict: 'wrong', sources: [detail] }));
      // Judged by `ask`: clear and safe on every platform. What comes from outside may name what is internal.
      const view = await asker.bot.runText(`proof check ${HEX}`, callerOf('discord'), placeOf('discord'));
      expectSafeEverywhere(view);
      expect(wordsOf(view).length).toBeLessThan(1_500);
    }),
    { numRuns: 60 },
  );
});

test('two at a time, for everybody: the third is told to wait, and there is room when one has ended, or failed', async () => {
  const asker = await askerOn(0);
  const gates: ((check: ProofCheck | Error) => void)[] = [];
  answering(asker, () => {
    const { promise, resolve, reject } = Promise.withResolvers<ProofCheck>();
    gates.push((check) => (check instanceof Error ? reject(check) : resolve(check)));
    return promise;
  });
  const ask = () => asker.bot.runText(`proof check ${HEX}`, callerOf('discord'), placeOf('telegram'));
  const [one, two] = [ask(), ask()];
  await vi.waitFor(() => expect(gates).toHaveLength(2));
  const third = await ask();
  expect(third).toMatchObject({ title: 'Two checks are under way', private: true });
  gates[0]?.(new Error('broken'));
  expect((await one).title).toBe('That did not work');
  const fourth = ask();
  await vi.waitFor(() => expect(gates).toHaveLength(3));
  for (const open of gates) open(checkOf({ verdict: 'proven' }));
  expect([(await two).tone, (await fourth).tone]).toEqual(['ok', 'ok']);
  // Another bot has two of its own.
  expect((await askerOn(0)).bot.reported).toEqual([]);
});

test('a check that never ends is given up with what it found, and its place is free again', {
  timeout: 20_000,
}, async () => {
  const timers: { ms: number; controller: AbortController }[] = [];
  const spy = vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    const controller = new AbortController();
    timers.push({ ms, controller });
    return controller.signal;
  });
  try {
    const asker = await askerOn(0);
    answering(asker, (_, onStep) => {
      onStep(checkOf());
      return new Promise(() => undefined);
    });
    for (let round = 0; round < 3; round += 1) {
      const asked = asker.ask(`proof check ${HEX}`);
      await vi.waitFor(() => expect(timers).toHaveLength(2));
      // The check is told to stop before it is no longer waited for, and both before the dispatcher gives up.
      expect(timers.map(({ ms }) => ms).toSorted((a, b) => a - b)).toEqual([50_000, 55_000]);
      for (const { controller } of timers.splice(0)) controller.abort();
      const view = await asked;
      expect(point(view)).toBe('Neither proven nor wrong: something could not be asked: the rest.');
      expect(wordsOf(view)).toContain('🟢 blob: holds, 5 kB');
    }
  } finally {
    spy.mockRestore();
  }
});
