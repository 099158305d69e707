import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { z } from "zod";

/** One entry as PutEvents takes it. */
export interface ServiceEventEntry {
  readonly Source: string;
  readonly DetailType: string;
  /** JSON text. */
  readonly Detail: string;
  readonly Resources: readonly string[];
}

/** Events for the default bus of one account and region. */
export interface ServiceEvents {
  readonly account: string;
  readonly region: string;
  readonly entries: readonly ServiceEventEntry[];
}

const Line = z.union([z.object({ port: z.number() }), z.object({ id: z.number(), error: z.string().optional() })]);

interface Waiting {
  readonly done: () => void;
  readonly fail: (error: Error) => void;
}

/** Talks with `ministack_host.py` over its stdin and stdout; the protocol stands there. */
export class HostChannel {
  /** The port that it listens on. Rejects when it ends before it says so. */
  readonly port: Promise<number>;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #hasEnded = false;

  constructor(child: ChildProcess) {
    if (!child.stdout || !child.stdin) throw new Error("The host of the AWS stand-in was started without pipes");
    this.#child = child;
    child.stdin.on("error", () => this.#end()); // it has gone away; "close" of its stdout says the same
    const lines = createInterface({ input: child.stdout });
    lines.on("close", () => this.#end());
    this.port = new Promise((done, fail) => {
      lines.on("line", (line) => this.#take(line, done));
      lines.on("close", () => fail(new Error("it ended before it said on which port it listens")));
    });
    this.port.catch(() => undefined); // whoever waits for it gets the error; nobody has to wait
  }

  /** Resolves when the events are on the bus. @throws when they are refused, or the host is gone */
  put(events: ServiceEvents): Promise<void> {
    const gone = new Error("The AWS stand-in has ended, so that it takes no events");
    if (this.#hasEnded) return Promise.reject(gone);
    const id = this.#nextId++;
    return new Promise((done, fail) => {
      this.#waiting.set(id, { done, fail });
      this.#child.stdin?.write(`${JSON.stringify({ id, ...events })}\n`);
    });
  }

  #take(line: string, onPort: (port: number) => void): void {
    const message = Line.parse(JSON.parse(line));
    if ("port" in message) onPort(message.port);
    else this.#settle(message.id, message.error);
  }

  #settle(id: number, error: string | undefined): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.done();
    else waiting?.fail(new Error(`The AWS stand-in did not take the events: ${error}`));
  }

  #end(): void {
    this.#hasEnded = true;
    for (const { fail } of this.#waiting.values()) fail(new Error("The AWS stand-in ended before it took the events"));
    this.#waiting.clear();
  }
}
