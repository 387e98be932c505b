import { REMINDER_STEPS, reminderRule } from '../alerts/reminderSteps.ts';
import { echo } from './answers.ts';
import type { Option } from './command.ts';

/** How long before the end of a vote: `24h`, `6h`, `1h`. */
export const STEP_NAMES = REMINDER_STEPS.map(({ name }) => name);
type StepName = (typeof STEP_NAMES)[number];

/** Families that have a reminder for each step. */
const WITH_STEPS: ReadonlySet<string> = new Set(['gov', 'voter']);

/** What a subscription is about, as far as steps go. */
interface About {
  family: string;
  /** Empty: every rule of the family. */
  rule: string;
}

/** An option that chooses reminders by how long before the end they come. */
export const stepsOption: Option = {
  name: 'steps',
  summary: 'Of votes: reminders before the end, some of 24h,6h,1h; all, or none',
  type: 'text',
  required: false,
  maxLength: 30,
  check: (typed) =>
    parseSteps(typed) === null
      ? `steps must be some of ${STEP_NAMES.join(',')}, like 6h,1h, or all, or none, not ${echo(typed)}.`
      : null,
  async suggest(_context, typed) {
    const text = typed.trim().toLowerCase();
    return ['all', '6h,1h', ...STEP_NAMES, 'none']
      .filter((value) => value.startsWith(text))
      .map((value) => ({ label: value, value }));
  },
};

function parseSteps(typed: string): StepName[] | null {
  const text = typed.trim().toLowerCase();
  if (text === 'all') return [...STEP_NAMES];
  if (text === 'none') return [];
  const named = text.split(/[\s,]+/).map((word) => STEP_NAMES.find((name) => name === word));
  return named.every((name) => name !== undefined) ? named : null;
}

/** Whether an alert has reminders to choose from. */
export const hasSteps = ({ family, rule }: About): boolean => rule === '' && WITH_STEPS.has(family);

/** What is wrong with choosing these steps of that alert, a clause; null when nothing is. */
export function stepsProblem({ family, rule }: About, steps: readonly string[]): string | null {
  if (!WITH_STEPS.has(family)) return 'goes only with alerts about votes (gov, voter)';
  if (rule !== '') return 'goes only with an alert about all rules of its family';
  return family === 'voter' && steps.length === 0
    ? 'must leave at least one: an alert about a voter is nothing else'
    : null;
}

/** The reminders that are not wanted, for a checked option; or why none can be chosen, a sentence. */
export function readSteps(about: About, typed: string | number): { without: string[] } | { problem: string } {
  const steps = parseSteps(String(typed)) ?? [];
  const problem = stepsProblem(about, steps);
  return problem === null ? { without: withoutSteps(about, steps) } : { problem: `steps ${problem}.` };
}

/** Rules of the family that remind at other steps than these. */
export const withoutSteps = ({ family }: About, steps: readonly string[]): string[] =>
  REMINDER_STEPS.filter(({ name }) => !steps.includes(name)).map((step) => reminderRule(family, step));

/** The steps that are wanted. */
export const stepsOf = ({ family, without }: About & { without: readonly string[] }): StepName[] =>
  REMINDER_STEPS.filter((step) => !without.includes(reminderRule(family, step))).map(({ name }) => name);

/** `reminded 6 h and 1 h before voting ends`; null where nothing was chosen. */
export function stepsWords(about: About & { without: readonly string[] }): string | null {
  if (!hasSteps(about) || about.without.length === 0) return null;
  const steps = stepsOf(about).map((name) => name.replace('h', ' h'));
  return steps.length === 0 ? 'without reminders' : `reminded ${steps.join(' and ')} before voting ends`;
}
