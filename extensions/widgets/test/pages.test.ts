import { expect, test, vi } from "vitest";
import { PAGE, Pages } from "../src/state/pages";

const numbers = (offset: number, limit: number) =>
  Promise.resolve({ total: 1000, rows: Array.from({ length: limit }, (_, i) => offset + i) });

test("pages are fetched once, as their rows come into sight", async () => {
  const fetch = vi.fn(numbers);
  const pages = new Pages<number>(fetch);
  await pages.renew();
  await pages.need(PAGE - 5, PAGE + 5);
  await pages.need(PAGE - 5, PAGE + 5);
  expect(fetch.mock.calls.map(([offset]) => offset)).toEqual([0, PAGE]);
  expect([pages.total.value, pages.rows.value.get(PAGE + 5)]).toEqual([1000, PAGE + 5]);
});

test("a list that is renewed begins with the page in sight, or at its top", async () => {
  const fetch = vi.fn(numbers);
  const pages = new Pages<number>(fetch);
  await pages.renew();
  await pages.need(3 * PAGE, 3 * PAGE + 1);
  await pages.renew();
  expect([...pages.rows.value.keys()][0]).toBe(3 * PAGE);
  await pages.renew(true);
  expect([...pages.rows.value.keys()][0]).toBe(0);
});

test("an answer that comes after a newer question is not shown", async () => {
  const answers: ((rows: string[]) => void)[] = [];
  const pages = new Pages<string>(() => new Promise(done => answers.push(rows => done({ total: rows.length, rows }))));
  const both = Promise.all([pages.renew(), pages.renew()]);
  answers[1]!(["new"]);
  answers[0]!(["old"]);
  await both;
  expect([...pages.rows.value.values()]).toEqual(["new"]);
});

test("a page that could not be fetched is asked for again", async () => {
  const fetch = vi.fn(numbers);
  const pages = new Pages<number>(fetch);
  await pages.renew();
  fetch.mockRejectedValueOnce(new Error("busy"));
  await pages.need(PAGE, PAGE);
  expect(pages.rows.value.has(PAGE)).toBe(false);
  await pages.need(PAGE, PAGE);
  expect(pages.rows.value.get(PAGE)).toBe(PAGE);
});
