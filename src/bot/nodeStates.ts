import type { HealthState } from '../insight/nodeHealth.ts';

/** Every state a node can be in, in the order in which they are counted and offered. */
export const STATES: readonly HealthState[] = ['ok', 'degraded', 'down', 'unknown'];
