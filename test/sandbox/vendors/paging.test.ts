import fc from "fast-check";
import { expect, test } from "vitest";
import { pageOf, wholeNumber } from "../../../sandbox/vendors/paging.ts";

test("the pages from the first to the last that has a next one are all items, in order, once", () => {
  fc.assert(
    fc.property(fc.array(fc.nat()), fc.integer({ min: 1, max: 7 }), (items, limit) => {
      const seen: number[] = [];
      let page = 1;
      for (let more = true; more; page++) {
        const { items: shown, pagination } = pageOf(items, page, limit);
        seen.push(...shown);
        more = pagination.hasNext;
        expect(pagination).toMatchObject({ page, limit, total: items.length, hasPrev: page > 1 });
      }

      expect(seen).toEqual(items);
    }),
  );
});

test("only whole numbers in range are read from a query", () => {
  const read = ["0", "7", "-1", "1.5", "x", "", undefined].map((text) => wholeNumber(text, 20, 1));

  expect(read).toEqual([undefined, 7, undefined, undefined, undefined, undefined, 20]);
});
