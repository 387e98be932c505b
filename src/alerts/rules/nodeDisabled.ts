import { REGISTRY_SOURCE } from '../../lib/facts.ts';
import { duration } from '../../lib/units.ts';
import { isGone, lasted, NODE_FAMILY, nodeAlert, nodeSample, registeredNodes } from '../nodeRule.ts';
import type { Rule } from '../rule.ts';

/** Disabled in the registry, by its owner or an administrator; a revoked measurement has a rule of its own. */
export const nodeDisabled: Rule = {
  id: 'node.disabled',
  family: NODE_FAMILY,
  summary: 'The node was disabled in the registry.',
  levels: { disabled: { severity: 'warning', forSeconds: 0 } },
  clearSeconds: 0,
  clears: 'it is enabled again',
  threshold: null,
  dependsOn: [REGISTRY_SOURCE],
  facts: 'nodes',
  samples: (facts) =>
    registeredNodes(facts).map((node) => {
      const { registration } = node.health;
      if (registration === 'disabled') return nodeSample(node, facts, 'bad', { level: 'disabled' });
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
        'No longer told as disabled',
        'info',
        ['Its software measurement is no longer approved, which is an alert of its own.'],
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
