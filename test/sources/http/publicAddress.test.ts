import { BlockList } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isPublicAddress } from '../../../src/sources/http/publicAddress.ts';
import { parseStrangerUrl } from '../../../src/sources/http/strangerUrl.ts';

/** IANA's special-purpose registries, written down apart from the library that is under test. */
const SPECIAL = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  SPECIAL.addSubnet(net, bits, 'ipv4');
}

const dotted = (value: number): string => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
const anyIpv4 = fc.nat(0xffffffff).map(dotted);
const specialIpv4 = fc
  .tuple(
    fc.constantFrom(...SPECIAL.rules.map((rule) => /IPv4 ([\d.]+)\/(\d+)/.exec(rule) as RegExpExecArray)),
    fc.nat(0xffffffff),
  )
  .map(([[, net, bits], value]) => {
    const base = (net as string).split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
    const size = 2 ** (32 - Number(bits));
    return dotted(base + (value % size));
  });

describe('addresses', () => {
  test('law: an IPv4 address is public exactly when it is in no special range', () => {
    fc.assert(
      fc.property(fc.oneof(anyIpv4, specialIpv4), (address) => {
        expect(isPublicAddress(address)).toBe(!SPECIAL.check(address, 'ipv4'));
      }),
      { numRuns: 5_000 },
    );
  });

  test('law: a mapped IPv6 address is judged by the IPv4 address in it, however it is written', () => {
    fc.assert(
      fc.property(fc.oneof(anyIpv4, specialIpv4), (address) => {
        const [a, b, c, d] = address.split('.').map(Number) as [number, number, number, number];
        const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
        for (const form of [`::ffff:${address}`, `::ffff:${hex}`, `0:0:0:0:0:ffff:${hex}`, `::FFFF:${hex}`]) {
          expect(isPublicAddress(form), form).toBe(!SPECIAL.check(address, 'ipv4'));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('law: the other IPv6 forms that carry an IPv4 address are never public', () => {
    fc.assert(
      fc.property(anyIpv4, (address) => {
        const [a, b, c, d] = address.split('.').map(Number) as [number, number, number, number];
        const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
        for (const form of [`::${hex}`, `64:ff9b::${hex}`, `64:ff9b:1::${hex}`, `2002:${hex}::1`, `::ffff:0:${hex}`]) {
          expect(isPublicAddress(form), form).toBe(false);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('law: outside of 2000::/3 no IPv6 address is public but the mapped ones', () => {
    const groups = fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(groups, (parts) => {
        const [first = 0] = parts;
        fc.pre(first >>> 13 !== 1 && parts.slice(0, 5).some((part) => part !== 0));
        expect(isPublicAddress(parts.map((part) => part.toString(16)).join(':'))).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ['::', false],
    ['::1', false],
    ['::127.0.0.1', false],
    ['fe80::1', false],
    ['fe80::1%eth0', false],
    ['fc00::1', false],
    ['fd12:3456::1', false],
    ['fec0::1', false],
    ['ff02::1', false],
    ['100::1', false],
    ['2001::1', false],
    ['2001:db8::1', false],
    ['3fff::1', false],
    ['5f00::1', false],
    ['2606:4700:4700::1111', true],
    ['2a00:1450:4001::1', true],
    ['1.1.1.1', true],
    ['', false],
    ['localhost', false],
    ['1.1.1.1:443', false],
    ['not an address', false],
  ])('%s is public: %s', (address, expected) => {
    expect(isPublicAddress(address)).toBe(expected);
  });
});

const refusal = (text: string, allowPrivate = false): string | null => {
  const result = parseStrangerUrl(text, allowPrivate);
  return 'refused' in result ? result.refused : null;
};

describe('URLs of strangers', () => {
  test.each([
    'https://127.0.0.1',
    'https://2130706433',
    'https://0x7f000001',
    'https://0x7f.1',
    'https://0177.0.0.1',
    'https://127.1',
    'https://127.0.0.1.',
    'https://0',
    'https://0.0.0.0:8443',
    'https://[::1]',
    'https://[::ffff:127.0.0.1]',
    'https://[::ffff:7f00:1]',
    'https://[::7f00:1]',
    'https://169.254.169.254/latest/meta-data',
    'https://100.100.100.100',
    'https://10.0.0.1',
    'https://192.168.1.1',
    'https://172.31.255.255',
    'https://224.0.0.1',
    'https://255.255.255.255',
    'https://①②⑦.0.0.1',
    'https://127。0。0。1',
  ])('%s is a private address, in whatever notation', (text) => {
    expect(refusal(text)).toMatch(/private address|local name/);
  });

  test('law: every notation of an IPv4 address is judged as the address it stands for', () => {
    fc.assert(
      fc.property(fc.oneof(anyIpv4, specialIpv4), (address) => {
        const parts = address.split('.').map(Number) as [number, number, number, number];
        const value = parts.reduce((sum, part) => sum * 256 + part, 0);
        const forms = [
          address,
          String(value),
          `0x${value.toString(16)}`,
          parts.map((part) => `0${part.toString(8)}`).join('.'),
          parts.map((part) => `0x${part.toString(16)}`).join('.'),
          `${parts[0]}.${parts[1]}.${parts[2] * 256 + parts[3]}`,
        ];
        for (const form of forms) {
          expect(refusal(`https://${form}/`) === null, form).toBe(!SPECIAL.check(address, 'ipv4'));
          expect(refusal(`https://${form}/`, true), form).toBeNull();
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test.each([
    ['http://node.example.com', 'only https is asked'],
    ['ftp://node.example.com', 'only https is asked'],
    ['javascript:alert(1)', 'only https is asked'],
    ['file:///etc/passwd', 'only https is asked'],
    ['https://user:secret@node.example.com', 'credentials'],
    ['https://user@node.example.com', 'credentials'],
    ['node.example.com', 'not a URL'],
    ['', 'not a URL'],
    ['https://', 'not a URL'],
    ['https://localhost', 'local name'],
    ['https://intranet:8443', 'local name'],
  ])('%s is refused: %s', (text, words) => {
    expect(refusal(text)).toContain(words);
  });

  test('what is refused for its form stays refused where private addresses are allowed', () => {
    for (const text of ['http://127.0.0.1', 'https://a:b@127.0.0.1', 'nonsense'])
      expect(refusal(text, true)).not.toBeNull();
    for (const text of ['https://127.0.0.1:8443', 'https://localhost', 'https://[::1]:1'])
      expect(refusal(text, true)).toBeNull();
  });

  test.each([
    'https://node.example.com',
    'https://node.example.com:8443/path',
    'https://1.1.1.1',
    'https://[2606:4700::1]',
  ])('%s may be asked', (text) => {
    expect(refusal(text)).toBeNull();
  });

  test('law: any text gives a URL or a bounded reason, never an exception', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.webUrl(),
          fc.string().map((text) => `https://${text}`),
        ),
        (text) => {
          const reason = refusal(text);
          if (reason !== null) expect(reason.length).toBeLessThan(80);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
