import { HUB_SOURCE, STORAGE_SOURCE, USE_SOURCE } from '../../lib/modelFacts.ts';
import { MODEL_FAMILY } from '../modelRule.ts';
import type { Rule } from '../rule.ts';
import { type NoticedSource, sourceRule } from '../sourceRule.ts';

const SOURCES: readonly NoticedSource[] = [
  {
    source: HUB_SOURCE,
    name: 'the model hub',
    severity: 'info',
    meaning:
      'What is listed meanwhile is unknown: no registration is called late, and no listing is told, until it can be read again.',
  },
  {
    source: STORAGE_SOURCE,
    name: 'blob storage',
    severity: 'info',
    meaning:
      'Whether files are stored is unknown: this says nothing about the files. Alerts about late and unreadable ones rest.',
  },
  {
    source: USE_SOURCE,
    name: 'model use on chain',
    severity: 'info',
    meaning: 'Which models are used is unknown meanwhile.',
  },
];

/** The sources that models are read from. `isAsked`: whether the operator configured it. */
export const sourceModels = (noticeAfterMs: number, isAsked: (source: string) => boolean): Rule =>
  sourceRule({
    id: 'source.models',
    family: MODEL_FAMILY,
    summary: 'The model hub, blob storage or model use on chain cannot be read; alerts from it rest.',
    sources: SOURCES,
    isAsked,
    noticeAfterMs,
  });
