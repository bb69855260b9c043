/** Numbers as people read them. */

/** 12345 as people read it. */
export function count(value: number): string {
  return value.toLocaleString("en-US");
}

/** "1 item", "2 items"; "1 entry", "2 entries" where the plural is named. */
export function plural(value: number, noun: string, many = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : many}`;
}

/** 0.1234 as "12%", small shares with one digit more. */
export function percent(share: number): string {
  const value = share * 100;
  return `${value > 0 && value < 1 ? value.toFixed(1) : Math.round(value)}%`;
}

/** A count as people say it: two digits that count. */
export function about(value: number): string {
  if (Math.abs(value) < 1) return count(Math.round(value));
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.abs(value))) - 1);
  return count(Math.round(value / unit) * unit);
}
