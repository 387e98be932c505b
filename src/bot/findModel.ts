import { isBlobId } from '../lib/modelFacts.ts';
import { cleanText } from '../lib/units.ts';
import type { Action, Line, View } from '../lib/view.ts';
import type { BlobWithListings, ModelWithVersions, StoredModel } from '../store/modelRepository.ts';
import { echo, errorView } from './answers.ts';
import type { Option, Suggestion } from './command.ts';
import type { BotContext } from './context.ts';
import { asWord, readModelKey } from './modelNames.ts';
import { type ModelSources, modelName, modelWord } from './modelView.ts';

/** As many buttons as are worth reading on a phone. */
const MAX_CHOICES = 10;
/** Of models whose author or name contains what was typed; those that are called just so are among the first of them, or not found. */
const MAX_LOOKED_AT = 200;
/** Discord takes no longer value of a suggestion. */
const MAX_SUGGESTION = 100;

/** `hJD2Ja…E39M`: enough of a content id to tell it apart; anything else bounded. */
export const shortBlob = (blobId: string): string =>
  isBlobId(blobId) ? `${blobId.slice(0, 6)}…${blobId.slice(-4)}` : cleanText(blobId, 20);

/** The option by which a command is told its model. */
export const modelOption: Option = {
  name: 'model',
  summary: 'author/name, or the blob id of one of its files',
  type: 'text',
  required: true,
  suggest: suggestModels,
};

/** Models whose author or name contains what is typed, for autocomplete. */
export async function suggestModels({ store }: BotContext, typed: string): Promise<Suggestion[]> {
  const { models } = await store.models.search({ text: typed.trim().toLowerCase(), offset: 0, limit: 25 });
  return models.flatMap((model) => {
    const value = `${model.author}/${model.name}`;
    const isUsable = value.length <= MAX_SUGGESTION && asWord(value) !== null;
    return isUsable ? [{ label: cleanText(modelName(model), MAX_SUGGESTION), value }] : [];
  });
}

/**
 * The model that was typed (author/name, the blob id of a file that is listed, or a name that only one author has), or an answer
 * instead. `ask`: the command that asks, to be asked again about one that may be meant.
 */
export async function findModel(
  context: BotContext,
  sources: ModelSources,
  typed: string,
  ask: string,
): Promise<ModelWithVersions | { instead: View }> {
  const { store } = context;
  const text = typed.trim();
  const found = await store.models.model(isBlobId(text) ? await modelOfBlob(context, text) : text);
  if (found !== null) return found;
  const { models } = await store.models.search({ text: text.toLowerCase(), offset: 0, limit: MAX_LOOKED_AT });
  const named = models.filter(({ name }) => name.toLowerCase() === text.toLowerCase());
  const only = named.length === 1 ? await store.models.model(named[0]?.key ?? '') : null;
  if (only !== null) return only;
  return { instead: named.length > 1 ? whichAuthor(named, sources, text, ask) : notListed(models, sources, text, ask) };
}

async function modelOfBlob(context: BotContext, blobId: string): Promise<string> {
  const listings = (await findBlob(context, blobId))?.listings ?? [];
  const listing = listings.find(({ model, file }) => model.goneAtMs === null && file.goneAtMs === null) ?? listings[0];
  return listing?.model.key ?? blobId;
}

const buttons = (models: readonly StoredModel[], ask: string): Action[] =>
  models
    .flatMap((model) => {
      const word = modelWord(model);
      return word === null ? [] : [{ label: modelName(model).slice(0, 60), command: `${ask} ${word}` }];
    })
    .slice(0, MAX_CHOICES);

const whichAuthor = (
  named: readonly StoredModel[],
  { stamp, warning }: ModelSources,
  text: string,
  ask: string,
): View => ({
  ...errorView(
    `${named.length} models have that name`,
    [
      `${echo(text)} is by several authors. Which one?`,
      ...warning,
      ...named.slice(0, MAX_CHOICES).map((model): Line => `• ${modelName(model)}`),
    ],
    buttons(named, ask),
  ),
  tone: 'info',
  ...stamp,
});

/** A hub that cannot be asked lists it perhaps: then it is not known, and no mistake of who asks. */
function notListed(models: readonly StoredModel[], { stamp, warning }: ModelSources, text: string, ask: string): View {
  const close = models.length === 0 ? '' : ' Is it one of these?';
  const said =
    warning.length === 0
      ? `The hub does not list ${echo(text)}.${close}`
      : `Whether the hub lists ${echo(text)} is not known.${close}`;
  const hint = isBlobId(text)
    ? 'Nothing that this bot knows is listed with this blob id.'
    : 'An upload that is not listed has no name yet: ask for its blob id with /model status.';
  const word = readModelKey(text) === null ? null : asWord(text);
  const follow: Action[] =
    word === null ? [] : [{ label: 'Tell me when it is listed', command: `model watch ${word}`, mode: 'reply' }];
  return {
    ...errorView('No such model', [said, ...warning, hint], [...buttons(models, ask), ...follow]),
    ...(warning.length === 0 ? {} : { title: 'Not known', tone: 'unknown', private: false }),
    ...stamp,
  };
}

/** An upload by its content id; null when nothing of it is known. */
export const findBlob = async ({ store }: BotContext, blobId: string): Promise<BlobWithListings | null> =>
  await store.models.blob(blobId);
