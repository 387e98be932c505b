import { type LineageStep, lineageOf } from '../../insight/lineage.ts';
import { toSeconds } from '../../lib/clock.ts';
import { cleanText, plural } from '../../lib/units.ts';
import type { Line, View } from '../../lib/view.ts';
import type { Command } from '../command.ts';
import { findModel, modelOption, shortBlob } from '../findModel.ts';
import { modelAction, modelName, modelWord, readModelSources } from '../modelView.ts';
import { pageOf } from '../pages.ts';

const MAX_NAMED = 3;

export const modelLineage: Command = {
  path: ['model', 'lineage'],
  summary: 'Versions of a model: what changed, what is missing, what is out of order',
  options: [modelOption, { name: 'page', summary: 'Page', type: 'integer', required: false, min: 1, max: 1_000 }],
  permission: 'everyone',
  examples: ['model lineage acme/fraud-net'],
  async run(context, { args }): Promise<View> {
    const sources = await readModelSources(context);
    const found = await findModel(context, sources, String(args.model), 'model lineage');
    if ('instead' in found) return found.instead;
    const { model, versions } = found;
    const lineage = lineageOf(versions);
    const { shown, number, of } = pageOf(lineage.versions, args.page);
    const notes = [...lineage.gaps, ...lineage.reordered];
    const hidden = model.detailProblem ?? (model.detailAtMs === null ? 'its versions have not been read yet' : null);
    const word = modelWord(model);
    return {
      title: `${modelName(model)}: ${plural(versions.length - lineage.gone.length, 'version')}`,
      tone: hidden !== null && versions.length === 0 ? 'unknown' : lineage.reordered.length > 0 ? 'degraded' : 'info',
      lines: [
        [{ strong: `${lineage.summary.charAt(0).toUpperCase()}${lineage.summary.slice(1)}` }, '.'],
        ...sources.warning,
        ...(hidden === null ? [] : [`Not all can be seen: ${cleanText(hidden, 120)}.`]),
        ...notes.slice(0, 5).map((note): Line => `⚠️ ${note}.`),
        ...(notes.length > 5 ? [`and ${notes.length - 5} more of that kind`] : []),
        ...shown.map(stepLine),
      ],
      actions: [...modelAction('Status', 'model status', model), ...modelAction('Every check', 'model doctor', model)],
      ...(of > 1 && word !== null ? { page: { number, of, command: `model lineage ${word}` } } : {}),
      ...sources.stamp,
    };
  },
};

function stepLine(step: LineageStep): Line {
  const when =
    step.atMs === null
      ? [' before Assay looked']
      : [' ', { time: toSeconds(step.atMs) }, step.dating === 'source' ? '' : ', first seen'];
  const gone = step.goneAtMs === null ? [] : [', gone since ', { time: toSeconds(step.goneAtMs) }];
  return ['• ', { strong: cleanText(step.version, 20) }, ...when, `: ${changesWords(step)}`, ...gone];
}

function changesWords({ changes, files }: LineageStep): string {
  if (changes === null) return plural(files, 'file');
  const parts = [
    listed(
      'added',
      changes.added.map(({ name }) => cleanText(name, 40)),
    ),
    listed(
      'changed',
      changes.changed.map(({ name, to }) => `${cleanText(name, 40)} (now ${shortBlob(to)})`),
    ),
    listed(
      'renamed',
      changes.renamed.map(({ from, to }) => `${cleanText(from, 30)} to ${cleanText(to, 30)}`),
    ),
    listed(
      'removed',
      changes.removed.map(({ name }) => cleanText(name, 40)),
    ),
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'the same files' : parts.join('; ');
}

function listed(word: string, names: readonly string[]): string {
  if (names.length === 0) return '';
  const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : '';
  return `${word} ${names.slice(0, MAX_NAMED).join(', ')}${more}`;
}
