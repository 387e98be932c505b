/** Rows of one page of a list. */
export const PAGE_ROWS = 10;

/** The part of a list that a page shows; a number past the end is the last page. */
export function pageOf<Row>(
  rows: readonly Row[],
  asked: string | number | undefined,
  perPage = PAGE_ROWS,
): { shown: Row[]; number: number; of: number } {
  const of = Math.max(1, Math.ceil(rows.length / perPage));
  const number = Math.min(Number(asked ?? 1), of);
  return { shown: rows.slice((number - 1) * perPage, number * perPage), number, of };
}
