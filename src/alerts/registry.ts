import type { NodeThresholds } from '../insight/nodeHealth.ts';
import type { Rule } from './rule.ts';
import { nodeCertificate } from './rules/nodeCertificate.ts';
import { nodeDisabled } from './rules/nodeDisabled.ts';
import { nodeHeartbeat } from './rules/nodeHeartbeat.ts';
import { nodePcrRevoked } from './rules/nodePcrRevoked.ts';
import { ownerDown } from './rules/ownerDown.ts';
import { sourceRegistry } from './rules/sourceRegistry.ts';

/** What rules are made with. */
export interface RuleOptions {
  thresholds: NodeThresholds;
  sourceNoticeAfterMs: number;
}

/** Every rule there is. A new one is a file in `rules/` and a line here. */
export function createRules(options: RuleOptions): Rule[] {
  return [
    sourceRegistry({ noticeAfterMs: options.sourceNoticeAfterMs }),
    ownerDown(options.thresholds),
    nodePcrRevoked,
    nodeDisabled,
    nodeCertificate(options.thresholds),
    nodeHeartbeat(options.thresholds),
  ];
}
