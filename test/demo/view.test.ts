import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { createView } from "../../sandbox/demo/view.ts";

const SECOND_MS = 1_000;

/** A view on a stream that keeps what is written, and a time that the test moves. */
const view = (stream: Partial<NodeJS.WriteStream> = {}) => {
  const written: string[] = [];
  const time = { ms: 0 };
  const over = { is: false };
  const write = (text: string) => written.push(text) > 0;
  const target = Object.assign(new PassThrough(), { ...stream, write }) as unknown as NodeJS.WriteStream;
  const made = createView({ stream: target, elapsedMs: () => time.ms, isOver: () => over.is });
  return { ...made, time, over, text: () => written.join("") };
};

const showAll = ({ title, line, waiting, plain }: ReturnType<typeof view>): void => {
  title("1. Deploy");
  waiting("for it");
  line("done");
  plain("as it is");
};

describe("where it is no terminal", () => {
  test("there are no colours, no cursor movements, and lines stay", () => {
    const shown = view();
    showAll(shown);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is the control characters that must not be there
    expect(shown.text()).not.toMatch(/[\x00-\x09\x0b-\x1f]/);
    expect(shown.text()).toBe("\n1. Deploy\n  0:00  … for it\n  0:00  done\nas it is\n");
  });

  test("what is waited for is said every ten seconds", () => {
    const { waiting, time, text } = view();
    for (; time.ms <= 25 * SECOND_MS; time.ms += SECOND_MS) waiting(`step ${time.ms / SECOND_MS}`);
    expect(text()).toBe("  0:00  … step 0\n  0:10  … step 10\n  0:20  … step 20\n");
  });

  test("a line has the time since the start", () => {
    const { line, time, text } = view();
    time.ms = 754_321;
    line("revoked");
    expect(text()).toBe(" 12:34  revoked\n");
  });
});

describe("on a terminal", () => {
  test("what is waited for is replaced by the next thing that is shown", () => {
    const { waiting, line, text } = view({ isTTY: true });
    waiting("one");
    waiting("two");
    line("done");
    expect(text().split("\r\x1b[2K")).toEqual([
      "",
      expect.stringContaining("one"),
      expect.stringContaining("two"),
      expect.stringContaining("done"),
    ]);
  });

  test("what is waited for stays on one line, however narrow the terminal is", () => {
    const { waiting, text } = view({ isTTY: true, columns: 20 });
    waiting("something that takes more than the width of the terminal");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the codes take no room on the screen
    expect(text().replace(/\r|\x1b\[\d+[mK]/g, "").length).toBeLessThan(20);
  });
});

test.for([{ isTTY: true }, {}])("a run that is over shows nothing more (%o)", (stream) => {
  const shown = view(stream);
  shown.over.is = true;
  showAll(shown);
  expect(shown.text()).toBe("");
});
