import { toSeconds } from '../lib/clock.ts';
import { HUB_SOURCE, isBlobId } from '../lib/modelFacts.ts';
import { cleanText } from '../lib/units.ts';
import type { Action, Line, Tone, View } from '../lib/view.ts';
import type { AlertFacts, Sample } from './rule.ts';

export const MODEL_FAMILY = 'model';

/** Telegram takes 64 bytes with a button; longer names get none. */
const MAX_NAME_IN_BUTTON = 45;
const MAX_LABEL = 80;
const MAX_OWNER = 200;

/** Who published a model, as facts name it. */
export interface Published {
  modelKey: string;
  modelName: string;
  author: string;
}

/** `acme/fraud` as the hub writes it, safe to show. */
export const modelLabel = ({ author, modelName }: Published): string =>
  cleanText(`${cleanText(author, 40)}/${cleanText(modelName, 60)}`, MAX_LABEL);

/** `AbCd12…wxyz`, as commands show it. */
export const shortBlob = (blobId: string): string => {
  const clean = cleanText(blobId, 60);
  return clean.length <= 14 ? clean : `${clean.slice(0, 6)}…${clean.slice(-4)}`;
};

/** Topics as subscriptions are about them. The store joins them with a bar: a name with one in it is followed by its author only. */
export const topicsOf = (about: { model?: Published | undefined; blobIds?: readonly string[] }): string[] => [
  ...(about.model === undefined || about.model.modelKey.includes('|') ? [] : [`model:${about.model.modelKey}`]),
  ...(about.blobIds ?? []).filter(isBlobId).map((blobId) => `blob:${blobId}`),
];

export const authorOf = ({ author }: Published): string => author.toLowerCase().slice(0, MAX_OWNER);

/** What every sample of the family has: by this bot's clock, about no node. */
export const modelSample = (
  { nowMs }: AlertFacts,
  sample: Pick<Sample, 'subject' | 'verdict' | 'level' | 'detail'> & Partial<Sample>,
): Sample => ({ nodeId: null, owner: null, value: null, ...sample, atSeconds: toSeconds(nowMs) });

/**
 * Samples of uploads that are listed nowhere. A hub that answers and shows the files of no model (its note says why) leaves
 * open whether they are: then nothing begins and nothing grows worse.
 */
export function unlessHidden(samples: Sample[], { sources }: AlertFacts): Sample[] {
  if ((sources.get(HUB_SOURCE)?.shortError ?? null) === null) return samples;
  return samples.map((sample) => (sample.verdict === 'bad' ? { ...sample, verdict: 'unknown' } : sample));
}

/** A button that leads to a model or a file; none where its name would not survive as a command. */
export function statusButton({ modelKey, blobId }: { modelKey?: unknown; blobId?: unknown }): Action[] {
  const button = (name: string): Action => ({ label: 'Status', command: `model status ${name}`, mode: 'reply' });
  if (typeof blobId === 'string' && isBlobId(blobId)) return [button(blobId)];
  const isPlain = typeof modelKey === 'string' && /^[\w.-]+\/[\w.-]+$/.test(modelKey);
  return isPlain && modelKey.length <= MAX_NAME_IN_BUTTON ? [button(modelKey)] : [];
}

export const queueButton: Action = { label: 'Queue', command: 'model queue', mode: 'reply' };

interface Words {
  headline: string;
  about: string;
  tone: Tone;
  lines: Line[];
  actions?: Action[];
  sources: string[];
}

/** The frame that all alerts about models share. */
export const modelAlert = ({ about, ...words }: Words, { models, nowMs }: AlertFacts): View => ({
  ...words,
  title: about === '' ? words.headline : `${words.headline}: ${about}`,
  asOf: toSeconds(models?.readAtMs ?? nowMs),
});

export const HUB_WORDS = 'the model hub';
export const STORAGE_WORDS = 'blob storage';
export const USE_WORDS = 'events on chain';
