import type { Config } from './config.ts';
import { check, type Finding, NothingToSee, unasked } from './doctorFinding.ts';
import { systemClock } from './lib/clock.ts';
import { AssayError } from './lib/errors.ts';
import type { BlockRef } from './lib/facts.ts';
import { isBlobId } from './lib/modelFacts.ts';
import { plural, shortHex } from './lib/units.ts';
import type { EvmClient } from './sources/evm/client.ts';
import { hostOf } from './sources/evm/rpcError.ts';
import { createHub } from './sources/opengradient/hub.ts';
import { readWorkflows } from './sources/opengradient/scheduler.ts';
import { askStorage } from './sources/walrus/askStorage.ts';

/** Well-formed, and nobody's: 32 bytes of zeros. */
const NOBODYS_BLOB = 'A'.repeat(43);

/** What is assumed of the hub, of storage, and of what shows use. `head` null: the chain cannot be asked. */
export async function* modelFindings(
  client: EvmClient,
  { opengradient }: Config,
  head: BlockRef | null,
): AsyncGenerator<Finding> {
  const { hubUrl, aggregatorUrls, inferenceAddresses, scheduler } = opengradient;
  let blobId = NOBODYS_BLOB;
  if (hubUrl !== null) {
    const hub = createHub({ url: hubUrl });
    const signal = AbortSignal.timeout(60_000);
    const name = `hub at ${hostOf(hubUrl)}`;
    yield await check(name, async () => {
      const { models, problems } = await hub.list(signal);
      const [first] = models;
      if (first === undefined) throw new NothingToSee('it lists no models');
      const detail = await hub.detail(first, signal);
      const file = detail?.versions?.flatMap(({ files }) => files)[0];
      if (file !== undefined && isBlobId(file.blobId)) blobId = file.blobId;
      const versions = detail?.problem ?? plural(detail?.versions?.length ?? 0, 'version');
      const left = problems.length === 0 ? '' : `; left out: ${problems[0]}`;
      return [
        problems.length === 0 && detail !== null,
        `${plural(models.length, 'model')}; of the first: ${versions}${left}`,
      ];
    });
  }
  for (const url of aggregatorUrls) {
    yield await check(`storage at ${hostOf(url)}`, async () => {
      const options = { clock: systemClock, signal: AbortSignal.timeout(30_000) };
      const { state, reason } = await askStorage([url], blobId, options);
      if (state === 'unknown') throw new AssayError(reason);
      return [true, blobId === NOBODYS_BLOB ? 'answers' : `the first file that the hub lists is ${state}`];
    });
  }
  if (head === null) {
    if (inferenceAddresses.length > 0 || scheduler !== null) yield* unasked(['use on chain']);
    return;
  }
  for (const address of inferenceAddresses) {
    yield await check(`code at ${shortHex(address)} (use)`, async () => {
      const size = ((await client.code(address)).length - 2) / 2;
      // A precompile needs none, and a chain without it shows no use: neither differs from what is assumed.
      if (size === 0) throw new NothingToSee('no code: a precompile, or no use can be seen there');
      return [true, `${size} bytes`];
    });
  }
  if (scheduler !== null) {
    yield await check(`scheduler ${shortHex(scheduler)}`, async () => {
      if ((await client.code(scheduler)) === '0x') throw new NothingToSee('nothing is deployed there');
      return [true, plural((await readWorkflows(client, scheduler, head)).length, 'workflow')];
    });
  }
}
