import { judgeRegistration } from '../insight/registration.ts';
import { HUB_SOURCE, STORAGE_SOURCE, USE_SOURCE } from '../lib/modelFacts.ts';
import type { BlobWithListings, StoredModel } from '../store/modelRepository.ts';
import type { Store } from '../store/store.ts';

/** Places of one blob that are looked at. */
const MAX_LISTINGS = 20;

/**
 * Notes of these blobs when they were first seen complete: listed somewhere with all that a reader needs, and readable. A
 * moment that is known stays, also when what made it complete is withdrawn.
 */
export async function noteComplete(
  store: Pick<Store, 'models' | 'sources'>,
  blobIds: readonly string[],
  nowMs: number,
): Promise<void> {
  const [hub, storage, use] = await Promise.all(
    [HUB_SOURCE, STORAGE_SOURCE, USE_SOURCE].map((source) => store.sources.get(source)),
  );
  const sources = { hub: hub ?? null, storage: storage ?? null, use: use ?? null };
  const versionsOf = new Map<string, Promise<string[]>>();
  const versions = (model: StoredModel): Promise<string[]> => {
    const known = versionsOf.get(model.key) ?? readVersions(store, model);
    versionsOf.set(model.key, known);
    return known;
  };
  const complete: { blobId: string; completeAtMs: number }[] = [];
  for (const blobId of new Set(blobIds)) {
    const found = await store.models.blob(blobId);
    if (found === null || found.blob.completeAtMs !== null || found.blob.listedAtMs === null) continue;
    for (const listing of current(found)) {
      const { stages } = judgeRegistration({
        blob: found.blob,
        listing: { ...listing, versions: await versions(listing.model) },
        sources,
        nowMs,
      });
      if (stages.some(({ name, state }) => name === 'complete' && state === 'done')) {
        complete.push({ blobId, completeAtMs: nowMs });
        break;
      }
    }
  }
  if (complete.length > 0) await store.models.saveComplete(complete);
}

const current = ({ listings }: BlobWithListings): BlobWithListings['listings'] =>
  listings
    .filter(
      ({ model, version, file }) => model.goneAtMs === null && version.goneAtMs === null && file.goneAtMs === null,
    )
    .slice(0, MAX_LISTINGS);

/** In the hub's order, without those that are gone. */
async function readVersions(store: Pick<Store, 'models'>, { key }: StoredModel): Promise<string[]> {
  const found = await store.models.model(key);
  return (found?.versions ?? []).filter(({ goneAtMs }) => goneAtMs === null).map(({ version }) => version);
}
