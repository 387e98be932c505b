import type { Command } from '../command.ts';

export const about: Command = {
  path: ['about'],
  summary: 'What this bot is, where its answers come from, and what it stores',
  options: [],
  permission: 'everyone',
  private: true,
  examples: ['about'],
  async run({ version, store }) {
    const facts = await store.nodes.facts();
    const network = facts ? `chain ${facts.registry.chainId}, TEERegistry ${facts.registry.registry}` : 'not read yet';
    return {
      title: `Assay ${version}`,
      tone: 'info',
      lines: [
        'It reads a decentralised AI network’s own records and says whether it is what it claims to be.',
        ['Network: OpenGradient, ', { code: network }],
        'Reachability is measured from where this bot runs; it is not the node’s health by itself.',
        'Stored about you: the alerts that you set up, muted or took care of, and the accounts that you linked. Nothing else, no messages; /privacy show has all of it.',
      ],
      actions: [{ label: 'Help', command: 'help' }],
      asOf: null,
      sources: ['https://docs.opengradient.ai'],
    };
  },
};
