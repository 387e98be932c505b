import { type Hour, withOpenGap } from '../insight/uptime.ts';
import type { BotContext } from './context.ts';
import type { JudgedNode, NetworkFacts } from './networkFacts.ts';

/** How far back people look, and in what steps a picture of it is drawn. */
export const WINDOWS = {
  '24h': { label: '24 h', hours: 24, stepHours: 1 },
  '7d': { label: '7 d', hours: 168, stepHours: 6 },
  '30d': { label: '30 d', hours: 720, stepHours: 24 },
} as const;

export type Window = keyof typeof WINDOWS;

export const WINDOW_NAMES = Object.keys(WINDOWS) as Window[];

/** Roll-ups of a node in the hours from `fromHour` to `toHour`, both included. */
export interface NodeHours {
  fromHour: number;
  toHour: number;
  hours: Hour[];
}

/**
 * Roll-ups of a window that ends now, with the time since the last heartbeat. Now is the later of the chain's time and
 * ours: a chain that stands still does not keep its last good hours in the picture, one with its own clock is not cut off.
 */
export async function hoursOf(
  { store, clock }: BotContext,
  { facts: { registry } }: NetworkFacts,
  node: JudgedNode,
  window: Window,
): Promise<NodeHours> {
  const chainSeconds = registry.block.timestampSeconds;
  const toHour = Math.floor(Math.max(chainSeconds, clock.now() / 1000) / 3600);
  const fromHour = firstHour(toHour, window);
  const rows = await store.history.hours({ nodeIds: [node.id], fromHour, toHour });
  const { heartbeatMaxAgeSeconds } = registry;
  const all = isBehind(node, heartbeatMaxAgeSeconds)
    ? rows
    : withOpenGap(rows, node.lastBeatAtSeconds, chainSeconds, heartbeatMaxAgeSeconds);
  return { fromHour, toHour, hours: all.filter(({ hour }) => hour >= fromHour) };
}

/** While history is being read the registry knows later heartbeats than those: what was between is no silence. */
const isBehind = ({ health, lastBeatAtSeconds }: JudgedNode, maxAgeSeconds: number): boolean =>
  lastBeatAtSeconds !== null && (health.current?.lastHeartbeatAtSeconds ?? 0) - lastBeatAtSeconds > maxAgeSeconds;

/** The part of them that lies in a shorter window with the same end. */
export function lastHours({ hours, toHour }: NodeHours, window: Window): Hour[] {
  const fromHour = firstHour(toHour, window);
  return hours.filter(({ hour }) => hour >= fromHour);
}

const firstHour = (toHour: number, window: Window): number => toHour - WINDOWS[window].hours + 1;
