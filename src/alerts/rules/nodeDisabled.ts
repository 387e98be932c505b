import { REGISTRY_SOURCE } from '../../lib/facts.ts';
import { duration } from '../../lib/units.ts';
import { isGone, lasted, NODE_FAMILY, nodeAlert, nodeSample, registeredNodes } from '../nodeRule.ts';
import type { Rule } from '../rule.ts';

/** Disabled in the registry, by its owner or an administrator; a revoked measurement has a rule of its own. */
export const nodeDisabled: Rule = {
  id: 'node.disabled',
  family: NODE_FAMILY,
  summary: 'The node was disabled in the registry.',
  dependsOn: [REGISTRY_SOURCE],
  clearSeconds: 0,
  samples: (facts) =>
    registeredNodes(facts).map((node) => {
      const { registration } = node.health;
      if (registration === 'disabled')
        return nodeSample(node, facts, 'bad', { level: 'disabled', severity: 'warning' });
      return nodeSample(node, facts, 'clear', { detail: { because: registration } });
    }),
  text(kind, incident, facts) {
    if (kind !== 'resolved') {
      const line = [
        { strong: 'It was disabled in the registry' },
        ': clients no longer choose it, and its proofs no longer verify on chain.',
      ];
      return nodeAlert('Node disabled', 'down', [line], incident, facts);
    }
    if (isGone(incident))
      return nodeAlert('No longer registered', 'info', ['The registry does not list it any more.'], incident, facts);
    if (incident.detail.because === 'pcr-revoked') {
      return nodeAlert(
        'Node disabled: measurement revoked',
        'info',
        ['Its software measurement is no longer approved.'],
        incident,
        facts,
      );
    }
    return nodeAlert(
      'Node enabled again',
      'ok',
      [`It was disabled for ${duration(lasted(incident))}.`],
      incident,
      facts,
    );
  },
};
