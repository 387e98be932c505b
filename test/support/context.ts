import type { BotContext } from '../../src/bot/context.ts';
import { defaultProofThresholds } from '../../src/insight/proofLabels.ts';
import { defaultModelThresholds } from '../../src/insight/registrationQueue.ts';

/** OpenGradient and Bedrock, each read from its usual sources. */
const GOVERNANCE: BotContext['governance'] = [
  {
    name: 'opengradient',
    title: 'OpenGradient',
    origins: [
      { source: 'opengradient.governance', kind: 'cosmos', words: 'gov precompile 0x0000…0805 on chain 10740' },
      { source: 'opengradient.validators', kind: 'validators', words: 'staking precompile 0x0000…0800 on chain 10740' },
    ],
    missing: ['Token holders of OpenGradient are not read here: no explorer is configured.'],
    caution: ['Proof of authority: each validator is given one unit of power, and delegation is blocked.'],
  },
  {
    name: 'bedrock',
    title: 'Bedrock',
    origins: [{ source: 'bedrock.votes', kind: 've-season', words: 'vote escrow 0xe978…0c16 on chain 56' }],
    missing: ['No Snapshot space is known for Bedrock: none is named in its documents or code.'],
    caution: [],
  },
];

/** What a bot's context holds of models and proofs where a test asks for neither: everything configured, no proof is found. */
export const contextDefaults: Pick<
  BotContext,
  'modelThresholds' | 'proofThresholds' | 'configured' | 'governance' | 'checkProof'
> = {
  modelThresholds: defaultModelThresholds,
  proofThresholds: defaultProofThresholds,
  configured: { hub: true, storage: true, use: true, facilitator: true, payments: true },
  governance: GOVERNANCE,
  checkProof: async (subject) => ({
    subject: subject.kind === 'hash' ? `hash ${subject.hash}` : `blob ${subject.blobId}`,
    steps: [],
    verdict: 'not found',
    ...{ leaves: null, settledAtSeconds: null, delaySeconds: null, mode: null, txHash: null },
    sources: ['a check that asks nobody'],
  }),
};
