import ipaddr from 'ipaddr.js';

const GLOBAL_IPV6 = ipaddr.IPv6.parse('2000::');

/**
 * Whether an IP address belongs to the public internet. Everything else is refused: loopback, private, link-local
 * (cloud metadata), carrier NAT, multicast, documentation and reserved ranges, and the IPv6 forms that carry an
 * IPv4 address (mapped ones are judged by that address, translated ones are refused). Of IPv6 only 2000::/3 is given
 * out to the internet; what lies outside of it (::127.0.0.1, say) has no name in the list of ranges.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed.range() !== 'unicast') return false;
  return parsed.kind() === 'ipv4' || parsed.match(GLOBAL_IPV6, 3);
}
