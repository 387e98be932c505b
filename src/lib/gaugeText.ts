/** The name in a gauge's metadata: what it says, or the name in its JSON; empty where it is a link, which says nothing to a reader. */
export function nameInMetadata(text: string): string {
  if (/^\s*(ipfs|https?|ar|data):/i.test(text)) return '';
  if (!text.trimStart().startsWith('{')) return text;
  try {
    const { name } = JSON.parse(text) as { name?: unknown };
    return typeof name === 'string' ? name : '';
  } catch {
    return '';
  }
}
