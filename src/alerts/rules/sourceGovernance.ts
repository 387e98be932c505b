import type { GovernanceNetwork, GovernanceOrigin } from '../../lib/governanceNetwork.ts';
import { GOV_FAMILY } from '../govRule.ts';
import type { Rule } from '../rule.ts';
import { sourceRule } from '../sourceRule.ts';

const WHAT: Readonly<Record<GovernanceOrigin['kind'], { name: string; meaning: string }>> = {
  cosmos: {
    name: 'proposals and votes',
    meaning: 'What is proposed, and who has voted, is unknown meanwhile: reminders of it rest.',
  },
  validators: { name: 'validators', meaning: 'Whether validators are jailed or miss blocks is unknown meanwhile.' },
  've-season': {
    name: 'locks and gauge votes',
    meaning: 'Who has voted on gauges is unknown meanwhile: reminders rest.',
  },
  curve: { name: 'locks and gauge votes', meaning: 'Who has voted on gauges is unknown meanwhile.' },
  governor: {
    name: 'the governor contract',
    meaning: 'What is proposed there, and who has voted, is unknown meanwhile: reminders of it rest.',
  },
  snapshot: {
    name: 'the Snapshot space',
    meaning: 'What is proposed there, and who has voted, is unknown meanwhile: reminders of it rest.',
  },
  holders: { name: 'token holders', meaning: 'How the token is held is unknown meanwhile.' },
};

/** The sources that governance is read from. `isAsked`: whether the operator configured it. */
export const sourceGovernance = (noticeAfterMs: number, networks: readonly GovernanceNetwork[]): Rule => ({
  ...sourceRule({
    id: 'source.governance',
    family: GOV_FAMILY,
    summary: 'A source of proposals, votes, validators, locks or holders cannot be read; alerts from it rest.',
    sources: networks.flatMap(({ name, title, origins }) =>
      origins.map(({ source, kind }) => ({
        source,
        name: `${WHAT[kind].name} of ${title}`,
        severity: 'info' as const,
        meaning: WHAT[kind].meaning,
        topics: [`network:${name}`],
      })),
    ),
    isAsked: () => true,
    noticeAfterMs,
  }),
  // Also where nothing is configured yet.
  levels: { limited: { severity: 'info', forSeconds: noticeAfterMs / 1000 } },
});
