import { expect, test } from 'vitest';
import { concerns } from '../../../src/alerts/concerns.ts';
import { modelListed } from '../../../src/alerts/rules/modelListed.ts';
import { modelVersion } from '../../../src/alerts/rules/modelVersion.ts';
import { blobIdOf, HOSTILE, type Moment, published, WALL_START_MS } from '../facts.ts';
import { subscription } from '../told.ts';
import { play, tell } from './story.ts';

const rules = [modelVersion, modelListed];
const DAY = 86_400;
const atMs = (at: number): number => WALL_START_MS + at * 1000;
const version = (name: string, number: string, at: number, isFirst = false, more: object = {}) => ({
  ...published(name),
  ...{ version: number, atMs: atMs(at), isFirst },
  ...more,
});
const listed = (index: number, name: string, at: number, waitSeconds: number | null, more: object = {}) => ({
  ...published(name),
  ...{ blobId: blobIdOf(index), atMs: atMs(at), waitSeconds },
  ...more,
});
const moment = (at: number, models: Moment['models']): Moment => ({ at, nodes: [], models: models ?? {} });

test('a new model is told once with its wait, and forgotten after a day without a word', () => {
  const facts = {
    versions: [version('fraud', '1.00', 10, true)],
    listed: [listed(1, 'fraud', 10, 300), listed(2, 'fraud', 10, 900)],
  };
  const { told, open } = play(rules, [
    moment(20, facts),
    moment(30, facts),
    moment(DAY, facts),
    moment(DAY + 60, facts),
    moment(DAY + 70, {}),
  ]);
  expect(told.map(({ rule, kind, severity, view }) => [rule, kind, severity, view.title])).toEqual([
    ['model.listed', 'fired', 'info', 'New model: acme/fraud'],
  ]);
  // In the first line, which is all that is shown of it among others.
  expect(JSON.stringify(told[0]?.view.lines[0])).toContain('From stored to listed: 15 min for the slowest of 2 files.');
  expect(open).toEqual([]);
});

test('a restart tells no news again', () => {
  const facts = { versions: [version('fraud', '1.00', 10, true), version('score', '2.00', 10)] };
  const { told } = play(rules, [moment(20, facts), { at: 25, nodes: [] }, moment(40, facts)]);
  expect(told).toHaveLength(2);
});

test('a wait that nobody saw is not made up', () => {
  const [news] = tell(modelListed, [
    moment(20, { versions: [version('fraud', '1.00', 10, true)], listed: [listed(1, 'fraud', 10, null)] }),
  ]);
  expect(news?.text).toContain('How long it waited is not known');
});

test('a release is the news of its version; its files are news only to those who waited for them', () => {
  const facts = { versions: [version('fraud', '1.01', 10)], listed: [listed(1, 'fraud', 10, null)] };
  const { told } = play(rules, [moment(20, facts)]);
  expect(told.map(({ view }) => view.title)).toEqual(['New version: acme/fraud 1.01']);
  const waited = play(rules, [moment(20, { ...facts, listed: [listed(1, 'fraud', 10, 60)] })]);
  expect(waited.told.map(({ view }) => view.title)).toEqual([
    'New version: acme/fraud 1.01',
    'Upload listed: acme/fraud',
  ]);
});

test('who follows the model, its author or the file hears of it, and nobody else', () => {
  const facts = { versions: [version('fraud', '1.00', 10, true)], listed: [listed(1, 'fraud', 10, 60)] };
  const [incident] = play(rules, [moment(20, facts)]).open;
  if (incident === undefined) throw new Error('nothing is open');
  const hears = (scope: string, subject: string) =>
    concerns({ ...subscription({ family: 'model', scope: scope as 'model', subject }) }, incident);
  expect(hears('model', 'acme/fraud')).toBe(true);
  expect(hears('owner', 'acme')).toBe(true);
  expect(hears('blob', blobIdOf(1))).toBe(true);
  expect(hears('all', '')).toBe(true);
  expect(hears('model', 'acme/other')).toBe(false);
  expect(hears('blob', blobIdOf(2))).toBe(false);
  expect(hears('owner', 'other')).toBe(false);
});

test('a name with a bar in it reaches nobody else’s subscription, and its button is left out', () => {
  const name = 'x|watch:1|y';
  const facts = {
    versions: [version(name, '1.00', 10, true), version(HOSTILE, HOSTILE, 10, false, { author: HOSTILE })],
  };
  const { open, told } = play(rules, [moment(20, facts)]);
  expect(open.flatMap(({ topics }) => topics)).toEqual([]);
  for (const { view, text } of told) {
    expect(view.actions).toEqual([]);
    expect(`${view.title} ${text}`.length).toBeLessThan(400);
    expect(`${view.title}${text}`).not.toMatch(/[\u202e\n]/);
  }
});
