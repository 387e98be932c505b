import { toSeconds } from '../../lib/clock.ts';
import { HUB_SOURCE } from '../../lib/modelFacts.ts';
import { cleanText } from '../../lib/units.ts';
import {
  authorOf,
  HUB_WORDS,
  MODEL_FAMILY,
  modelAlert,
  modelLabel,
  modelSample,
  statusButton,
  topicsOf,
} from '../modelRule.ts';
import { NEWS_SECONDS } from '../news.ts';
import type { Rule } from '../rule.ts';

/** A release of a model that was listed before; its first one is the model's own news. */
export const modelVersion: Rule = {
  id: 'model.version',
  family: MODEL_FAMILY,
  summary: 'A listed model has a new version; told once.',
  levels: { released: { severity: 'info', forSeconds: 0 } },
  clearSeconds: 0,
  clears: 'a day has passed, without a word',
  threshold: null,
  dependsOn: [HUB_SOURCE],
  facts: 'models',
  isNews: true,
  samples: (facts) =>
    (facts.models?.versions ?? [])
      .filter(({ isFirst, atMs }) => !isFirst && facts.nowMs - atMs <= NEWS_SECONDS * 1000)
      .map((one) =>
        modelSample(facts, {
          subject: `model:${one.modelKey}@${one.version}`,
          verdict: 'bad',
          owner: authorOf(one),
          topics: topicsOf({ model: one }),
          level: 'released',
          detail: {
            label: `${modelLabel(one)} ${cleanText(one.version, 40)}`,
            version: cleanText(one.version, 40),
            modelKey: one.modelKey,
            atSeconds: toSeconds(one.atMs),
          },
        }),
      ),
  text: (_kind, { detail }, facts) =>
    modelAlert(
      {
        headline: 'New version',
        about: String(detail.label),
        tone: 'info',
        lines: [
          [
            { strong: `Version ${String(detail.version)} is listed on the hub` },
            ', first seen by this bot ',
            { time: Number(detail.atSeconds) },
            '.',
          ],
        ],
        actions: [...statusButton(detail), ...lineage(statusButton(detail)[0]?.command)],
        sources: [HUB_WORDS],
      },
      facts,
    ),
};

const lineage = (status: string | undefined) =>
  status === undefined
    ? []
    : [{ label: 'Lineage', command: status.replace('model status', 'model lineage'), mode: 'reply' as const }];
