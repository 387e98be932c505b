import { REGISTRY_SOURCE } from '../../lib/facts.ts';
import { duration, shortHex } from '../../lib/units.ts';
import { isGone, lasted, NODE_FAMILY, nodeAlert, nodeSample, registeredNodes } from '../nodeRule.ts';
import type { Rule } from '../rule.ts';

/** The measurement of the software that the enclave runs is no longer approved: its answers are not to be trusted. */
export const nodePcrRevoked: Rule = {
  id: 'node.pcr-revoked',
  family: NODE_FAMILY,
  summary: 'The software measurement (PCR) of the node is no longer approved.',
  levels: { revoked: { severity: 'critical', forSeconds: 0 } },
  clearSeconds: 0,
  clears: 'its measurement is approved again',
  threshold: null,
  dependsOn: [REGISTRY_SOURCE],
  facts: 'nodes',
  samples: (facts) =>
    registeredNodes(facts).map((node) => {
      if (facts.facts?.registry.approvedPcrs == null) return nodeSample(node, facts, 'unknown');
      const { registration, current } = node.health;
      if (registration !== 'pcr-revoked') return nodeSample(node, facts, 'clear');
      const detail = { pcr: shortHex(current?.pcrHash ?? '') };
      return nodeSample(node, facts, 'bad', { level: 'revoked', detail });
    }),
  text(kind, incident, facts) {
    if (kind === 'resolved') {
      const line = isGone(incident)
        ? 'The registry does not list this node any more.'
        : `Its measurement is approved again, ${duration(lasted(incident))} after the alert.`;
      return nodeAlert('Measurement approved', 'ok', [line], incident, facts);
    }
    return nodeAlert(
      'Measurement revoked',
      'down',
      [
        [
          { strong: 'Its software measurement is no longer approved' },
          ' (PCR ',
          { code: String(incident.detail.pcr) },
          ').',
        ],
        'The registry disables every node that runs it; clients refuse them until they run approved software.',
      ],
      incident,
      facts,
    );
  },
};
