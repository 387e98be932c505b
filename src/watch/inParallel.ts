/** Runs the job for each item, at most `limit` at once, in order; stops beginning new ones when the signal aborts. */
export async function inParallel<Item>(
  items: readonly Item[],
  limit: number,
  job: (item: Item) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < items.length && !signal.aborted) {
      const item = items[next] as Item;
      next += 1;
      await job(item);
    }
  };
  const runs = await Promise.allSettled(Array.from({ length: Math.min(limit, items.length) }, work));
  const failed = runs.find((run) => run.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
