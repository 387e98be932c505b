import { isIP } from 'node:net';
import { isPublicAddress } from './publicAddress.ts';

/** A URL from a stranger that may be asked, or why not. */
export type StrangerUrl = { url: URL } | { refused: string };

/**
 * Checks what can be told from the text: https, no credentials, no private address written out (odd notations like
 * 0x7f000001 become ordinary addresses when a URL is parsed). Names are checked when they are resolved.
 */
export function parseStrangerUrl(text: string, allowPrivate: boolean): StrangerUrl {
  if (!URL.canParse(text)) return { refused: 'the endpoint is not a URL' };
  const url = new URL(text);
  if (url.protocol !== 'https:')
    return { refused: `only https is asked, the endpoint says ${url.protocol.slice(0, 12)}` };
  if (url.username !== '' || url.password !== '') return { refused: 'the endpoint carries credentials' };
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !allowPrivate && !isPublicAddress(host))
    return { refused: 'the endpoint is a private address' };
  if (isIP(host) === 0 && !host.includes('.') && !allowPrivate) return { refused: 'the endpoint is a local name' };
  return { url };
}
