import { toSeconds } from '../../lib/clock.ts';
import { cleanText, plural } from '../../lib/units.ts';
import type { Line, View } from '../../lib/view.ts';
import type { StoredModel } from '../../store/modelRepository.ts';
import { echo } from '../answers.ts';
import type { Command } from '../command.ts';
import { suggestModels } from '../findModel.ts';
import { asWord } from '../modelNames.ts';
import { type ModelSources, modelAction, modelName, readModelSources } from '../modelView.ts';
import { PAGE_ROWS } from '../pages.ts';

export const modelList: Command = {
  path: ['model', 'list'],
  summary: 'Models that the hub lists',
  options: [
    {
      name: 'query',
      summary: 'Part of an author or a name',
      type: 'text',
      required: false,
      maxLength: 80,
      suggest: suggestModels,
    },
    { name: 'page', summary: 'Page', type: 'integer', required: false, min: 1, max: 10_000 },
  ],
  permission: 'everyone',
  examples: ['model list', 'model list fraud', 'model list acme page:2'],
  async run(context, { args }): Promise<View> {
    const sources = await readModelSources(context);
    const text = String(args.query ?? '').trim();
    const search = (page: number) =>
      context.store.models.search({
        text: text.toLowerCase(),
        offset: (page - 1) * PAGE_ROWS,
        limit: PAGE_ROWS,
      });
    const asked = Number(args.page ?? 1);
    const first = await search(asked);
    const of = Math.max(1, Math.ceil(first.total / PAGE_ROWS));
    const number = Math.min(asked, of);
    const { models, total } = number === asked ? first : await search(number);
    // Quotes and what cannot be seen would ask for something else; without them fewer letters are to be found.
    const word = text === '' ? '' : asWord(cleanText(text.replaceAll('"', ''), 80));
    const command = text === '' ? 'model list' : `model list query:${word}`;
    return {
      title: text === '' ? 'Models' : `Models: ${cleanText(text, 60)}`,
      tone: total === 0 && sources.warning.length > 0 ? 'unknown' : 'info',
      lines: [headline(total, text, sources), ...sources.warning, ...models.map(row)],
      actions: models.flatMap((model) => modelAction(modelName(model).slice(0, 40), 'model status', model)).slice(0, 5),
      ...(of > 1 && word !== null ? { page: { number, of, command } } : {}),
      ...sources.stamp,
    };
  },
};

function headline(total: number, text: string, { sources }: ModelSources): Line {
  if (total > 0) return [{ strong: plural(total, 'model') }, text === '' ? ' on the hub.' : ` with ${echo(text)}.`];
  if (sources.hub === null || sources.hub.lastSuccessAtMs === null) return 'What the hub lists is not known.';
  return text === '' ? 'The hub lists no models.' : `The hub lists none with ${echo(text)}.`;
}

const row = (model: StoredModel): Line => [
  '• ',
  { strong: modelName(model) },
  model.task === null ? '' : ` ${cleanText(model.task, 40)}`,
  ...(model.atFirst ? [''] : [', first seen ', { time: toSeconds(model.firstSeenAtMs) }]),
];
