import type { Config } from './config.ts';
import { GOVERNANCE_SOURCE, PART_OF, VALIDATOR_SOURCE } from './lib/governanceFacts.ts';
import type { GovernanceNetwork, GovernanceOrigin } from './lib/governanceNetwork.ts';
import type { GovernanceRow } from './lib/governanceRow.ts';
import { shortHex } from './lib/units.ts';

const POA = [
  'Proof of authority: validators join and leave by proposal, each is given one unit of power, and delegation is blocked.',
  'Only bonded power counts in a tally, so votes are in effect the validators’; holders of OPG do not vote on chain.',
];

/** GaugeController.vy: WEIGHT_VOTE_DELAY, of each wallet and gauge; weights change at whole weeks. */
const CURVE = [
  'A wallet that voted for a gauge cannot change that vote for ten days, and a vote counts from the next week on: who does not vote in a week may not be able to.',
];

/** Every network whose governance can be asked for, OpenGradient and Bedrock always among them, with what each lacks. */
export function governanceNetworks(config: Config): GovernanceNetwork[] {
  const rows = Map.groupBy(config.governance, ({ network }) => network);
  const names = new Set(['opengradient', 'bedrock', ...rows.keys()]);
  return [...names].map((name) => {
    const own = rows.get(name) ?? [];
    const origins = [...(name === 'opengradient' ? cosmosOrigins(config) : []), ...own.map(originOf)];
    return {
      name,
      title: titleOf(name, own),
      origins,
      missing: missingOf(name, titleOf(name, own), origins),
      caution: [...(name === 'opengradient' ? POA : []), ...(own.some(({ kind }) => kind === 'curve') ? CURVE : [])],
    };
  });
}

function titleOf(name: string, rows: readonly GovernanceRow[]): string {
  if (name === 'opengradient') return 'OpenGradient';
  return name === 'bedrock' ? 'Bedrock' : (rows[0]?.title ?? name);
}

function cosmosOrigins({ opengradient: { precompiles, chainId } }: Config): GovernanceOrigin[] {
  const { gov, staking } = precompiles;
  return [
    ...(gov === null
      ? []
      : [
          {
            source: GOVERNANCE_SOURCE,
            kind: 'cosmos' as const,
            words: `gov precompile ${shortHex(gov)} on chain ${chainId}`,
          },
        ]),
    ...(staking === null
      ? []
      : [
          {
            source: VALIDATOR_SOURCE,
            kind: 'validators' as const,
            words: `staking precompile ${shortHex(staking)} on chain ${chainId}`,
          },
        ]),
  ];
}

const WORDS: { [K in GovernanceRow['kind']]: (row: Extract<GovernanceRow, { kind: K }>) => string } = {
  've-season': ({ escrow, chainId }) => `vote escrow ${shortHex(escrow)} on chain ${chainId}`,
  curve: ({ controller, chainId }) => `gauge controller ${shortHex(controller)} on chain ${chainId}`,
  governor: ({ governor, chainId }) => `governor ${shortHex(governor)} on chain ${chainId}`,
  snapshot: ({ space }) => `Snapshot space ${space}`,
  holders: ({ token, api }) => `holders of ${shortHex(token)} at ${new URL(api).host}`,
};

const originOf = (row: GovernanceRow): GovernanceOrigin => ({
  source: `${row.network}.${PART_OF[row.kind]}`,
  kind: row.kind,
  words: (WORDS[row.kind] as (row: GovernanceRow) => string)(row),
});

/** What a reader may miss there, and what was tried. */
function missingOf(name: string, title: string, origins: readonly GovernanceOrigin[]): string[] {
  const has = (...kinds: GovernanceOrigin['kind'][]): boolean => origins.some(({ kind }) => kinds.includes(kind));
  const missing: string[] = [];
  if (name === 'bedrock') {
    if (!has('ve-season'))
      missing.push('Locks and gauges of Bedrock are not read here: no RPC of its chain is configured.');
    if (!has('snapshot')) {
      missing.push(
        'No Snapshot space is known for Bedrock: none is named in its documents or code; the operator can name one.',
      );
    }
    if (!has('governor'))
      missing.push('No on-chain votes on proposals are known for Bedrock: proposals run by a multisig.');
  }
  if (name === 'opengradient') {
    if (!has('cosmos')) missing.push('Proposals of OpenGradient are not read here: the operator has turned that off.');
    if (!has('validators'))
      missing.push('Validators of OpenGradient are not read here: the operator has turned that off.');
    if (!has('snapshot', 'governor')) {
      missing.push(
        'No Snapshot space and no governor contract is known for OPG: none was found; protocol votes run on the chain itself.',
      );
    }
  }
  if (!has('holders')) missing.push(`Token holders of ${title} are not read here: no explorer is configured.`);
  return missing;
}
