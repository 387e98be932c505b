/** `1.00`, `v2.3`: {major}.{minor}, as the hub numbers releases. null: not well-formed. */
export function parseVersion(version: string): { major: number; minor: number } | null {
  const match = /^v?(\d{1,6})\.(\d{1,6})$/.exec(version);
  return match && { major: Number(match[1]), minor: Number(match[2]) };
}

/** Below 0: the first is the older; 0: the same number, or one of them has none. */
export function compareVersions(one: string, other: string): number {
  const a = parseVersion(one);
  const b = parseVersion(other);
  return a === null || b === null ? 0 : a.major - b.major || a.minor - b.minor;
}

/** Whether a list goes down from the newest; then that is its order, and nothing in it is out of place for it. */
export function isNewestFirst(versions: readonly string[]): boolean {
  const steps = versions.slice(1).map((version, at) => compareVersions(versions[at] as string, version));
  const down = steps.filter((step) => step > 0).length;
  return down > 0 && down > steps.filter((step) => step < 0).length;
}

/** Neighbours that are out of order, as the list shows them: `[earlier place, later place]`. */
export function outOfOrder(versions: readonly string[]): [string, string][] {
  const sign = isNewestFirst(versions) ? -1 : 1;
  return versions.slice(1).flatMap((version, at): [string, string][] => {
    const before = versions[at] as string;
    return sign * compareVersions(before, version) > 0 ? [[before, version]] : [];
  });
}
