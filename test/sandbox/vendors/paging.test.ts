import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkPageForm, type PageForm, pageLimit, pageOf, wholeNumber } from "../../../sandbox/vendors/paging.ts";

const HONEST: PageForm = { pageSize: null, pageFlags: "true", pastTheEnd: "empty" };

test("the pages from the first to the last that has a next one are all items, in order, once", () => {
  fc.assert(
    fc.property(fc.array(fc.nat()), fc.integer({ min: 1, max: 7 }), (items, limit) => {
      const seen: number[] = [];
      for (let more = true, offset = 0; more; offset += limit) {
        const page = pageOf(items, { offset, limit }, HONEST);
        if ("refusedWith" in page) throw new Error("refused");
        seen.push(...page.items);
        more = page.further?.hasMore ?? false;
        expect(page.further?.total).toBe(items.length);
      }

      expect(seen).toEqual(items);
    }),
  );
});

test("only whole numbers in range are read from a query", () => {
  const read = ["0", "7", "-1", "1.5", "x", "", undefined].map((text) => wholeNumber(text, 20, 1));

  expect(read).toEqual([undefined, 7, undefined, undefined, undefined, undefined, 20]);
});

describe("a size of pages that is told", () => {
  const figures = { usual: 20, most: 100 };
  const limits = (pageSize: number | null) =>
    [undefined, "5", "80", "400"].map((limit) => pageLimit(limit, { ...HONEST, pageSize }, figures));

  test("is the usual and the most; without it the vendor's figures are", () => {
    expect(limits(null)).toEqual([20, 5, 80, 100]);
    expect(limits(64)).toEqual([64, 5, 64, 64]);
    expect(limits(1)).toEqual([1, 1, 1, 1]);
    expect(limits(500)).toEqual([500, 5, 80, 400]);
  });

  test.each([0, 501, 1.5, Number.NaN])("is refused where it is none: %d", (pageSize) => {
    expect(() => checkPageForm({ ...HONEST, pageSize })).toThrow(/1 to 500 keys/);
  });
});

describe("a page", () => {
  const page = (offset: number, form: Partial<PageForm>) =>
    pageOf(["a", "b", "c"], { offset, limit: 2 }, { ...HONEST, ...form });

  test.each<[PageForm["pageFlags"], number, object | undefined]>([
    ["true", 0, { total: 3, hasMore: true }],
    ["true", 2, { total: 3, hasMore: false }],
    ["none", 0, undefined],
    ["always-last", 0, { total: 2, hasMore: false }],
    ["always-more", 2, { total: 6, hasMore: true }],
  ])("says of further ones, by the form %s from item %i on: %o", (pageFlags, offset, further) => {
    expect(page(offset, { pageFlags })).toMatchObject({ offset, further });
  });

  test.each<[PageForm["pastTheEnd"], object]>([
    ["empty", { items: [] }],
    ["last-page", { items: ["c"], offset: 2 }],
    [400, { refusedWith: 400 }],
    [404, { refusedWith: 404 }],
    [422, { refusedWith: 422 }],
  ])("past the end is, by the form %s, %o", (pastTheEnd, expected) => {
    expect(page(4, { pastTheEnd })).toMatchObject(expected);
    expect(page(2, { pastTheEnd })).toMatchObject({ items: ["c"] });
  });

  test("of an empty list is never past the end", () => {
    expect(pageOf([], { offset: 0, limit: 2 }, { ...HONEST, pastTheEnd: 404 })).toMatchObject({ items: [] });
  });
});
