import { styleText } from "node:util";

/** What a person sees of a run. */
export interface View {
  /** Begins a part. */
  title(text: string): void;
  /** Something that happened, with the time since the start. */
  line(text: string): void;
  /** What is waited for now; on a terminal the next one replaces it. */
  waiting(text: string): void;
  /** Text as it is. */
  plain(text: string): void;
}

export interface ViewOptions {
  readonly stream: NodeJS.WriteStream;
  /** Milliseconds since the run's start. */
  readonly elapsedMs: () => number;
  /** Whether nothing more is to be shown, as the run is stopped. Default: never. */
  readonly isOver?: () => boolean;
}

const MAX_LINE = 150;
/** Where lines stay, what is waited for is said this often. */
const WAITING_LINE_MS = 10_000;

const time = (ms: number): string => {
  const seconds = Math.floor(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${`${seconds % 60}`.padStart(2, "0")}`.padStart(6);
};

/** Colour and lines that replace each other are for terminals alone (and NO_COLOR is respected, by `styleText`). */
export const createView = ({ stream, elapsedMs, isOver = () => false }: ViewOptions): View => {
  const onTerminal = stream.isTTY === true;
  let shown = false;
  let lastWaitingMs = Number.NEGATIVE_INFINITY;
  const style = (format: Parameters<typeof styleText>[0], text: string) =>
    onTerminal ? styleText(format, text, { stream }) : text;
  const write = (text: string) => {
    if (isOver()) return;
    if (shown) stream.write("\r\x1b[2K");
    shown = false;
    stream.write(`${text}\n`);
  };
  return {
    title: (text) => write(`\n${style("bold", text)}`),
    line: (text) => write(`${style("dim", time(elapsedMs()))}  ${text}`),
    plain: (text) => write(text),
    waiting(text) {
      if (onTerminal && !isOver()) {
        stream.write(
          `\r\x1b[2K${style("dim", `${time(elapsedMs())}  … ${text}`.slice(0, (stream.columns ?? 80) - 1))}`,
        );
        shown = true;
      } else if (!onTerminal && elapsedMs() - lastWaitingMs >= WAITING_LINE_MS) {
        lastWaitingMs = elapsedMs();
        write(`${time(elapsedMs())}  … ${text}`.slice(0, MAX_LINE));
      }
    },
  };
};
