import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ModelRepository } from '../../src/store/modelRepository.ts';
import { type DatabaseRig, DIALECTS, startDatabases } from '../rigs/store.ts';
import { answer, blobId, detail, listed, USES, use, version } from './modelSample.ts';
import { cursor } from './sample.ts';

const IDS = [1, 2, 3];
const KEYS = ['a/one', 'b/two'];

type Step = (models: ModelRepository) => Promise<unknown>;

/** What the hub, storage and the chain say, each in its own order; the moment of each word is part of it. */
const hubStory = fc
  .array(
    fc.oneof(
      fc.record({ keys: fc.subarray(KEYS) }),
      fc.record({ key: fc.constantFrom(...KEYS), ids: fc.option(fc.subarray(IDS)) }),
    ),
    { maxLength: 5 },
  )
  .map((words) =>
    [{ keys: ['a/one'] }, ...words].map((word, at): Step => {
      const atMs = 1_000_000 * (at + 1);
      if ('keys' in word)
        return (models) =>
          models.saveList(
            word.keys.map((key) => listed(key)),
            atMs,
          );
      const versions = word.ids === null ? null : [version('1.00', word.ids)];
      return (models) =>
        models.saveDetail(detail(word.key, versions, { problem: versions === null ? 'not shown' : null }), atMs);
    }),
  );
const storageStory = fc
  .array(fc.record({ id: fc.constantFrom(...IDS), state: fc.constantFrom('readable', 'missing', 'unknown') }), {
    maxLength: 6,
  })
  .map((words) =>
    words.map(
      ({ id, state }, at): Step =>
        (models) =>
          models.saveStorage([answer(id, state as 'readable', 700_000 * (at + 1))]),
    ),
  );
const chainStory = fc.array(fc.subarray(IDS), { maxLength: 4 }).map((words) =>
  words.map(
    (ids, at): Step =>
      (models) =>
        models.saveUses(
          ids.map((id, index) => use(id, 100 * at + index + 1)),
          cursor(100 * at + 99, USES),
          1,
        ),
  ),
);

/** The stories told at once, in an order that `choices` decides. */
function told(stories: readonly Step[][], choices: readonly number[]): Step[] {
  const left = stories.map((story) => [...story]);
  const steps: Step[] = [];
  for (let at = 0; left.some((story) => story.length > 0); at += 1) {
    const open = left.filter((story) => story.length > 0);
    steps.push((open[(choices[at] ?? 0) % open.length] as Step[]).shift() as Step);
  }
  return steps;
}

describe.each(DIALECTS)('what is known of models, by law, on %s', (dialect) => {
  let rig: DatabaseRig;
  beforeAll(async () => {
    rig = await startDatabases(dialect);
  });
  afterAll(() => rig.close());

  /** The end state after these steps, of blobs that were all handed over before. */
  async function end(steps: readonly Step[]) {
    const url = await rig.emptyDatabase();
    const { models, ...store } = await rig.open(url);
    await models.track(IDS.map(blobId), 'watch', 1);
    for (const step of steps) await step(models);
    const state = {
      blobs: await Promise.all(IDS.map((id) => models.blob(blobId(id)))),
      models: await Promise.all(KEYS.map((key) => models.model(key))),
      counts: await models.counts(),
      facts: await models.facts(9_000_000),
    };
    await store.close();
    return state;
  }

  test('in which order hub, storage and chain are heard makes no difference, and moments are in order', async () => {
    const choices = fc.array(fc.nat({ max: 5 }), { minLength: 16, maxLength: 16 });
    await fc.assert(
      fc.asyncProperty(
        hubStory,
        storageStory,
        chainStory,
        choices,
        choices,
        async (hub, storage, chain, one, other) => {
          const [first, second] = [
            await end(told([hub, storage, chain], one)),
            await end(told([hub, storage, chain], other)),
          ];
          expect(second).toEqual(first);
          for (const found of first.blobs) {
            const blob = found?.blob;
            if (!blob) throw new Error('a blob was forgotten');
            // Missing after it was readable, and only then.
            if (blob.goneAtMs !== null)
              expect(blob.goneAtMs).toBeGreaterThan(blob.storedAtMs ?? Number.POSITIVE_INFINITY);
            expect(blob.goneAtMs !== null).toBe(blob.storage === 'missing' && blob.storedAtMs !== null);
            // It was listed if and only if there is or was a place for it.
            expect(blob.listedAtMs !== null).toBe((found?.listings.length ?? 0) > 0);
            expect(blob.listedAtMs).toBe(found?.listings[0]?.file.firstSeenAtMs ?? null);
          }
          for (const { seconds } of first.facts?.waits ?? []) expect(seconds).toBeGreaterThanOrEqual(0);
        },
      ),
      { numRuns: dialect === 'sqlite' ? 25 : 8 },
    );
  }, 120_000);
});
