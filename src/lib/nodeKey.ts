import { cleanText } from './units.ts';

const MAX_KEY = 256;

/**
 * What makes two registrations the same node: the endpoint, written one way. Scheme and host in lower case, no
 * default port, no trailing slash. Text that is no URL is kept as it is (cleaned, at most 256 characters); an empty
 * one is `tee:<teeId>`, since nothing joins it to another registration.
 */
export function nodeKey(endpoint: string, teeId: string): string {
  const text = cleanText(endpoint, MAX_KEY);
  if (text === '') return `tee:${teeId.toLowerCase()}`;
  const url = URL.canParse(text) ? new URL(text) : null;
  // A stranger who registers the text `tee:<id>` must not be joined to the node of that id.
  if (text.toLowerCase().startsWith('tee:')) return `tee:${teeId.toLowerCase()}`;
  if (url === null || url.host === '') return text;
  const path = url.pathname.replace(/\/+$/, '');
  return cleanText(`${url.protocol}//${url.host}${path}${url.search}`, MAX_KEY);
}
