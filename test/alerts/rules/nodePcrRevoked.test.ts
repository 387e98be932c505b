import { expect, test } from 'vitest';
import { nodePcrRevoked } from '../../../src/alerts/rules/nodePcrRevoked.ts';
import type { ApprovedPcr } from '../../../src/lib/facts.ts';
import { CHAIN_START, type Moment, node, PCR, record } from '../facts.ts';
import { tell } from './story.ts';

const approved: ApprovedPcr[] = [{ pcrHash: PCR, teeType: 0 }];
const moment = (at: number, approvedPcrs: ApprovedPcr[] | null): Moment => ({
  at,
  nodes: [node(1, [record(1, { lastHeartbeatAtSeconds: CHAIN_START + at })])],
  approvedPcrs,
});

test('a revoked measurement is critical, names the measurement, and is over when it is approved again', () => {
  const told = tell(nodePcrRevoked, [moment(0, approved), moment(10, []), moment(70, approved)]);
  expect(told.map(({ at, kind, severity, view }) => [at, kind, severity, view.tone])).toEqual([
    [10, 'fired', 'critical', 'down'],
    [70, 'resolved', 'critical', 'ok'],
  ]);
  expect(told[0]?.text).toContain(PCR.slice(0, 8));
  expect(told[1]?.text).toContain('1 min after the alert');
});

test('approved for another type of node is not approved for this one', () => {
  expect(tell(nodePcrRevoked, [moment(0, [{ pcrHash: PCR, teeType: 1 }])])).toHaveLength(1);
});

test('a registry that does not list approvals says nothing: it neither opens nor ends an incident', () => {
  expect(tell(nodePcrRevoked, [moment(0, null)])).toEqual([]);
  expect(tell(nodePcrRevoked, [moment(0, []), moment(10, null)]).map(({ kind }) => kind)).toEqual(['fired']);
});

test('the letters of a hash may be written large or small', () => {
  const upper = `0x${PCR.slice(2).toUpperCase()}` as const;
  expect(tell(nodePcrRevoked, [moment(0, [{ pcrHash: upper, teeType: 0 }])])).toEqual([]);
});
