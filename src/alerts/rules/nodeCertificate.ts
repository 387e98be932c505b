import type { NodeThresholds } from '../../insight/nodeHealth.ts';
import { REGISTRY_SOURCE } from '../../lib/facts.ts';
import { duration } from '../../lib/units.ts';
import { isGone, lasted, NODE_FAMILY, nodeAlert, nodeSample, registeredNodes } from '../nodeRule.ts';
import type { Rule } from '../rule.ts';

/** The peer's TLS certificate is not the one in the registry, in several probes in a row. */
export function nodeCertificate({ unreachableAfterProbes }: NodeThresholds): Rule {
  return {
    id: 'node.certificate',
    family: NODE_FAMILY,
    summary: `The TLS certificate is not the registered one, in ${unreachableAfterProbes} probes in a row.`,
    levels: { mismatch: { severity: 'critical', forSeconds: 0 } },
    clearSeconds: 0,
    clears: 'a probe sees the registered certificate',
    threshold: null,
    dependsOn: [REGISTRY_SOURCE],
    facts: 'nodes',
    samples: (facts) =>
      registeredNodes(facts).map((node) => {
        const { probe } = node.health;
        // Another enclave on this endpoint, or none that could be asked: nothing is known of the certificate.
        if (probe === null || probe.certificateMatches === null) return nodeSample(node, facts, 'unknown');
        if (probe.certificateMatches) return nodeSample(node, facts, 'clear');
        if (probe.streak < unreachableAfterProbes) return nodeSample(node, facts, 'unknown');
        const detail = { probes: probe.streak, sinceSeconds: Math.floor(probe.streakSinceMs / 1000) };
        return nodeSample(node, facts, 'bad', { level: 'mismatch', detail });
      }),
    text(kind, incident, facts) {
      if (kind === 'resolved') {
        const line = isGone(incident)
          ? 'The registry does not list this node any more.'
          : `The certificate is the registered one again, ${duration(lasted(incident))} after the alert.`;
        return nodeAlert('Certificate matches again', 'ok', [line], incident, facts);
      }
      return nodeAlert(
        'Certificate mismatch',
        'down',
        [
          [
            { strong: 'Its TLS certificate is not the registered one' },
            ', seen from this bot since ',
            { time: Number(incident.detail.sinceSeconds) },
            '.',
          ],
          'Clients that check it refuse the connection. Either the enclave was restarted without registering again, or something else answers in its place.',
        ],
        incident,
        facts,
      );
    },
  };
}
