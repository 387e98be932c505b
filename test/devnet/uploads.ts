import type { BlobStore } from './blobStore.ts';
import type { DevHub } from './hub.ts';
import type { Inference } from './inference.ts';

/** Where an upload ends. */
export type StuckAt =
  /** Stored, never listed. */
  | 'stored'
  /** Listed without task and description. */
  | 'incomplete'
  /** Listed, and its blob cannot be read any more. */
  | 'gone'
  /** Listed, but no ONNX file. */
  | 'format'
  /** Used on chain, never listed. */
  | 'used-unlisted'
  /** Paid for, and its blob never came to storage. */
  | 'not-stored';

export interface Upload {
  author: string;
  name: string;
  blobId: string;
  stuckAt: StuckAt | null;
  uploadedAtSeconds: number;
  /** When the pipeline lists it, by the clock of `startUploads`; null: never. */
  listsAtSeconds: number | null;
  listed: boolean;
}

/**
 * The way of a model from a publisher to the hub: stored at once, listed `delaySeconds` later by the clock that is given.
 * Nothing happens by itself: `tick` lists what is due.
 */
export function startUploads(parts: { blobs: BlobStore; hub: DevHub; inference: Inference; nowSeconds: () => number }) {
  const { blobs, hub, inference, nowSeconds } = parts;
  const all: Upload[] = [];
  let made = 0;
  const state = {
    /** While true nothing is listed. */
    hold: false,
  };

  function list(one: Upload): void {
    const isOnnx = one.stuckAt !== 'format';
    hub.publish(one.author, one.name, {
      ...(one.stuckAt === 'incomplete' ? {} : { task: 'Regression', description: `What ${one.name} is for.` }),
      files: [{ name: isOnnx ? 'model.onnx' : 'model.safetensors', blobId: one.blobId, size: 64 }],
    });
    if (one.stuckAt === 'gone') blobs.remove(one.blobId);
    one.listed = true;
  }

  /** Stores a model of some bytes of its own; it is listed at the first tick after `delaySeconds`. */
  async function upload(
    about: { author?: string; name?: string; delaySeconds?: number; stuckAt?: StuckAt | null } = {},
  ): Promise<Upload> {
    made += 1;
    const { author = 'acme', name = `model-${made}`, delaySeconds = 120, stuckAt = null } = about;
    // An ONNX file begins with its IR version, as a protobuf field.
    const bytes = Buffer.concat([Buffer.from([0x08, 0x08, 0x12]), Buffer.from(`${author}/${name}/${made}`)]);
    const blobId = blobs.put(bytes);
    if (stuckAt === 'not-stored') blobs.remove(blobId);
    const never = stuckAt === 'stored' || stuckAt === 'used-unlisted';
    const now = nowSeconds();
    const listsAtSeconds = never ? null : now + delaySeconds;
    const one: Upload = { author, name, blobId, stuckAt, uploadedAtSeconds: now, listsAtSeconds, listed: false };
    all.push(one);
    if (stuckAt === 'used-unlisted') await inference.infer(blobId);
    return one;
  }

  return {
    all,
    state,
    upload,
    /** `count` uploads at once, listed in order, `batchSize` of them together every `everySeconds`. */
    async burst(count: number, { author = 'burst', batchSize = 100, everySeconds = 60 } = {}): Promise<Upload[]> {
      const done: Upload[] = [];
      for (let index = 0; index < count; index += 1) {
        const delaySeconds = (Math.floor(index / batchSize) + 1) * everySeconds;
        done.push(await upload({ author, delaySeconds }));
      }
      return done;
    },
    /** Lists what is due; resolves to that. */
    tick(): Upload[] {
      if (state.hold) return [];
      const now = nowSeconds();
      const due = all.filter((one) => !one.listed && one.listsAtSeconds !== null && one.listsAtSeconds <= now);
      for (const one of due) list(one);
      return due;
    },
    /** Lists a stuck upload after all, complete. */
    release(one: Upload): void {
      one.stuckAt = null;
      list(one);
    },
  };
}
