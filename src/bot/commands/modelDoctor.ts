import { checkModel, type ModelCheck } from '../../insight/modelDoctor.ts';
import { plural } from '../../lib/units.ts';
import type { Line, View } from '../../lib/view.ts';
import type { Command } from '../command.ts';
import { findModel, modelOption } from '../findModel.ts';
import { modelAction, modelName, readModelSources } from '../modelView.ts';

const MARK = { holds: '🟢', fails: '🔴', unknown: '⚪' } as const;

/** What is wrong first. */
const ORDER = { fails: 0, unknown: 1, holds: 2 } as const;

export const modelDoctor: Command = {
  path: ['model', 'doctor'],
  summary: 'Every check of a model: what holds, what fails, and what to do',
  options: [{ ...modelOption, rest: true }],
  permission: 'everyone',
  examples: ['model doctor acme/fraud-net'],
  async run(context, { args }): Promise<View> {
    const sources = await readModelSources(context);
    const found = await findModel(context, sources, String(args.model), 'model doctor');
    if ('instead' in found) return found.instead;
    const { model, versions, blobs } = found;
    const { models } = await context.store.models.search({ text: model.name.toLowerCase(), offset: 0, limit: 50 });
    const sameName = models
      .filter(({ name, key }) => key !== model.key && name.toLowerCase() === model.name.toLowerCase())
      .map(({ author }) => author);
    const nowMs = context.clock.now();
    const checks = checkModel({ model, versions, blobs, sameName, sources: sources.sources, nowMs });
    const counts = { fails: 0, unknown: 0, holds: 0 };
    for (const { outcome } of checks) counts[outcome] += 1;
    return {
      title: `${modelName(model)}: ${counts.fails > 0 ? `${plural(counts.fails, 'check')} ${counts.fails === 1 ? 'fails' : 'fail'}` : 'nothing fails'}`,
      tone: counts.fails > 0 ? 'degraded' : counts.unknown > 0 ? 'unknown' : 'ok',
      lines: [
        [
          { strong: `${counts.fails} of ${checks.length} checks fail` },
          `, ${counts.unknown} cannot be known, ${counts.holds} hold.`,
        ],
        ...sources.warning,
        ...checks.toSorted((a, b) => ORDER[a.outcome] - ORDER[b.outcome]).map(checkLine),
      ],
      actions: [
        ...modelAction('Refresh', 'model doctor', model, 'edit'),
        ...modelAction('Status', 'model status', model),
      ],
      ...sources.stamp,
    };
  },
};

const checkLine = ({ check, outcome, detail, remedy }: ModelCheck): Line => [
  `${MARK[outcome]} `,
  { strong: check },
  `: ${detail}.`,
  ...(outcome === 'holds' || remedy === '' ? [] : [` ${remedy}`]),
];
