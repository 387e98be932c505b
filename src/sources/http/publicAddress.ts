import ipaddr from 'ipaddr.js';

/**
 * Whether an IP address belongs to the public internet. Everything else is refused: loopback, private, link-local
 * (cloud metadata), carrier NAT, multicast, documentation and reserved ranges, and the IPv6 forms that carry an
 * IPv4 address (mapped ones are judged by that address, translated ones are refused).
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  return ipaddr.process(address).range() === 'unicast';
}
