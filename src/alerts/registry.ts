import type { NodeThresholds } from '../insight/nodeHealth.ts';
import type { Rule } from './rule.ts';
import { nodeCertificate } from './rules/nodeCertificate.ts';
import { nodeDisabled } from './rules/nodeDisabled.ts';
import { nodeHeartbeat } from './rules/nodeHeartbeat.ts';
import { nodePcrRevoked } from './rules/nodePcrRevoked.ts';
import { sourceRegistry } from './rules/sourceRegistry.ts';

/** Every rule there is. A new one is a file in `rules/` and a line here. */
export function createRules(options: { thresholds: NodeThresholds; sourceNoticeAfterMs: number }): Rule[] {
  return [
    sourceRegistry({ noticeAfterMs: options.sourceNoticeAfterMs }),
    nodePcrRevoked,
    nodeDisabled,
    nodeCertificate(options.thresholds),
    nodeHeartbeat(options.thresholds),
  ];
}
