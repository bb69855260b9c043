/** Queries of the filter, as they are written. */

import type { FilterChip } from "../messages";

/** The filters as one query; "" where one of them is none. */
export function asQuery(filters: FilterChip[]): string {
  if (!filters.every(({ kind }) => kind === "query")) return "";
  const several = filters.length > 1;
  return filters
    .map(({ title, negated }) => (negated ? `NOT (${title})` : several ? `(${title})` : title))
    .join(" AND ");
}
