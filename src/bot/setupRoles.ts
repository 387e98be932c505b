import type { ChatSettings, Overrides } from '../store/store.ts';
import type { BotContext } from './context.ts';

/** Who wants to be told, and what that means. */
export interface SetupRole {
  name: string;
  /** On its button. */
  label: string;
  /** What it will hear, in one sentence. */
  hears: string;
  /** Whose rules it is told of; it is offered when there is one. */
  family: string;
  /** Everything, or what is chosen next. */
  about: 'all' | 'chosen';
  overrides: Partial<Overrides>;
  /** Set where the chat has not chosen for itself. */
  settings: Pick<ChatSettings, 'digest'>;
}

export const SETUP_ROLES: readonly SetupRole[] = [
  {
    name: 'reader',
    label: 'I am a reader',
    hears: 'critical alerts of all nodes at once, the rest in a daily digest',
    family: 'node',
    about: 'all',
    overrides: { floor: 'critical' },
    settings: { digest: 'daily' },
  },
  {
    name: 'operator',
    label: 'I run nodes',
    hears: 'everything about your nodes, at once',
    family: 'node',
    about: 'chosen',
    overrides: { floor: 'info' },
    settings: { digest: 'off' },
  },
  {
    name: 'community',
    label: 'This is a community channel',
    hears: 'warnings and critical alerts of all nodes, and a daily digest',
    family: 'node',
    about: 'all',
    overrides: { floor: 'warning' },
    settings: { digest: 'daily' },
  },
  {
    name: 'publisher',
    label: 'I publish models',
    hears: 'where your models are stuck, when they are listed, and a weekly digest',
    family: 'model',
    about: 'chosen',
    overrides: { floor: 'info' },
    settings: { digest: 'weekly' },
  },
  {
    name: 'voter',
    label: 'I vote',
    hears: 'what can be voted on, when voting ends, what came of it, and a weekly digest',
    family: 'gov',
    about: 'all',
    overrides: { floor: 'info' },
    settings: { digest: 'weekly' },
  },
];

/** Those whose family has a rule. */
export const rolesOffered = ({ rules }: Pick<BotContext, 'rules'>): SetupRole[] =>
  SETUP_ROLES.filter((role) => rules.some(({ family }) => family === role.family));
