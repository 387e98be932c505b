import { expect, test } from 'vitest';
import { concerns, isAbout, isMuted } from '../../src/alerts/concerns.ts';
import { incident, subscription } from './told.ts';

test('of the family, and of the rule where one is named', () => {
  expect(concerns(subscription(), incident())).toBe(true);
  expect(concerns(subscription({ family: 'proof' }), incident())).toBe(false);
  expect(concerns(subscription({ rule: 'node.heartbeat' }), incident())).toBe(true);
  expect(concerns(subscription({ rule: 'node.disabled' }), incident())).toBe(false);
});

test('of no rule that it does without, though it is asked for otherwise', () => {
  const without = ['node.disabled', 'node.heartbeat'];
  const heard = ['node.heartbeat', 'node.disabled', 'node.heart', 'heartbeat', 'node.tls'].filter((rule) =>
    concerns(subscription({ without }), incident({ rule })),
  );
  expect(heard).toEqual(['node.heart', 'heartbeat', 'node.tls']);
  const named = subscription({ rule: 'node.heartbeat', without: ['node.heartbeat'] });
  expect(concerns(named, incident({ rule: 'node.heartbeat' }))).toBe(false);
});

test('of the node, or of the owner however the address is written', () => {
  const mine = subscription({ scope: 'node', subject: '1' });
  expect([1, 2].map((nodeId) => concerns(mine, incident({ nodeId, owner: '0xab' })))).toEqual([true, false]);
  const owned = subscription({ scope: 'owner', subject: '0xab' });
  expect(['0xab', '0xAB', '0xcd', null].map((owner) => concerns(owned, incident({ owner })))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test('what is of no node and no owner is of everybody in the family; what is of an owner is of no single node', () => {
  const nobody = { nodeId: null, owner: null, topics: [] };
  for (const scope of ['all', 'node', 'owner'] as const) {
    expect(isAbout({ scope, subject: '7' }, nobody)).toBe(true);
  }
  expect(isAbout({ scope: 'node', subject: '7' }, { nodeId: null, owner: '0xab', topics: [] })).toBe(false);
});

test('of a topic by the whole of its name', () => {
  const topics = ['model:acme/fraud', 'blob:ab', 'watch:12', 'network:opengradient', 'voter:0xab'];
  const about = { nodeId: null, owner: '0xab', topics };
  expect(isAbout({ scope: 'model', subject: 'acme/fraud' }, about)).toBe(true);
  expect(isAbout({ scope: 'blob', subject: 'ab' }, about)).toBe(true);
  expect(isAbout({ scope: 'watch', subject: '12' }, about)).toBe(true);
  expect(isAbout({ scope: 'network', subject: 'opengradient' }, about)).toBe(true);
  expect(isAbout({ scope: 'voter', subject: '0xab' }, about)).toBe(true);
  expect(isAbout({ scope: 'voter', subject: 'opengradient' }, about)).toBe(false);
  for (const subject of ['acme/f%', 'acme/frau_', '%', '', 'acme', 'acme/fraud|blob:ab', 'ab', '1', '12'])
    expect(isAbout({ scope: 'model', subject }, about), subject).toBe(false);
  expect(isAbout({ scope: 'watch', subject: '1' }, about)).toBe(false);
});

test('from the floor and the threshold up', () => {
  const floors = ['info', 'warning', 'critical'] as const;
  expect(floors.map((floor) => concerns(subscription({ floor }), incident({ severity: 'warning' })))).toEqual([
    true,
    true,
    false,
  ]);
  const from1500 = subscription({ threshold: 1_500 });
  expect([1_499, 1_500, null].map((value) => concerns(from1500, incident({ value })))).toEqual([false, true, false]);
});

test('a mute is of one rule or of all, until its end', () => {
  const mute = (rule: string, untilMs = 10) => [{ rule, untilMs, by: 'Ada' }];
  expect(isMuted(mute('node.heartbeat'), 'node.heartbeat', 9)).toBe(true);
  expect(isMuted(mute(''), 'node.heartbeat', 9)).toBe(true);
  expect(isMuted(mute('node.disabled'), 'node.heartbeat', 9)).toBe(false);
  expect(isMuted(mute('node.heartbeat'), 'node.heartbeat', 10)).toBe(false);
});
