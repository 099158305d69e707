import { readdirSync, readFileSync } from "node:fs";
import { findSourceMap } from "node:module";
import { join, relative } from "node:path";

/*
 * The places in the handlers' source that ask for an effect, read from the source itself, so that none is forgotten: a new
 * one that no life reaches fails the run. A place goes by its file and its call, not by its line.
 */
const LAMBDAS = join(import.meta.dirname, "..", "..", "lambdas");

/** What stands between a place and its effect. */
const BETWEEN = /^(vendors|contracts)\/|^secrets\.ts$/;

const SECRETS =
  "describe|value|currentValue|put|addLabel|removeLabel|moveCurrent|allVersionIds|versionTimes|listOfService|listUnder|startRotation|cancelRotation";
/** Not `isAdminKey`: whoever asks that has listed before, so that the admin key is at hand. */
const VENDOR = "list|create|verify|revoke|rename|update";
const CLUSTER = "get|list|apply|merge";
const CALL = new RegExp(
  `\\b(secrets|vendor|vendors\\(\\w+\\)|open\\(\\w+\\)|lambda|api|eks\\(\\w+\\))\\.(${SECRETS}|${VENDOR}|${CLUSTER}|send)(?:\\?\\.)?\\(`,
  "g",
);

/** What else than a vendor is called, by its name in the source. */
const ON = /^(secrets|lambda|api|eks)/;

export interface CallSite {
  /** Such as `rotation/create-secret.ts vendor.list`, with ` 2` for the second one in its file. */
  readonly id: string;
  /** Below `lambdas`. */
  readonly file: string;
  readonly line: number;
}

const sitesIn = (file: string): readonly CallSite[] => {
  const counts = new Map<string, number>();
  const found: CallSite[] = [];
  for (const [index, text] of readFileSync(join(LAMBDAS, file), "utf8").split("\n").entries())
    for (const [, on, method] of text.matchAll(CALL)) {
      if (file === "vendor-session.ts" && on === "vendor") continue;
      const name = `${file} ${ON.exec(on ?? "")?.[0] ?? "vendor"}.${method}`;
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      found.push({ id: count === 1 ? name : `${name} ${count}`, file, line: index + 1 });
    }
  return found;
};

/** Every place in the handlers that asks for an effect of this stage. */
export const callSites = (): readonly CallSite[] =>
  readdirSync(LAMBDAS, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => relative(LAMBDAS, join(entry.parentPath, entry.name)))
    .filter((file) => !BETWEEN.test(file))
    .sort()
    .flatMap(sitesIn);

/** The places that nobody reached. Pure. */
export const unvisitedOf = (sites: readonly CallSite[], visited: ReadonlySet<string>): readonly string[] =>
  sites.map(({ id }) => id).filter((id) => !visited.has(id));

const FILE = /[/\\]lambdas[/\\]([\w/\\.-]+\.ts)$/;
const DEEPEST_STACK = 60;

/** The frames of the calls that wait now. Their text would cost more than all else in a life, so it is not made. */
const framesNow = (): readonly NodeJS.CallSite[] => {
  const { prepareStackTrace, stackTraceLimit } = Error;
  Error.prepareStackTrace = (_, frames) => frames;
  Error.stackTraceLimit = DEEPEST_STACK;
  const frames = new Error().stack as unknown as readonly NodeJS.CallSite[];
  Object.assign(Error, { prepareStackTrace, stackTraceLimit });
  return frames;
};

/** The line in the source, where the code that runs was made from it. */
const sourceLine = (url: string, line: number, column: number): number => {
  const entry = findSourceMap(url)?.findEntry(line - 1, column - 1);
  return entry && "originalLine" in entry ? entry.originalLine + 1 : line;
};

/** Makes what finds the place that is asking: the innermost frame that is one. */
export const siteFinder = (sites: readonly CallSite[]): (() => string | undefined) => {
  const byLine = new Map(sites.map(({ id, file, line }) => [`${file}:${line}`, id]));
  const known = new Map<string, Map<number, string | undefined>>();
  const siteOf = (url: string, frame: NodeJS.CallSite): string | undefined => {
    const [, file] = FILE.exec(url) ?? [];
    if (file === undefined) return undefined;
    return byLine.get(`${file}:${sourceLine(url, frame.getLineNumber() ?? 0, frame.getColumnNumber() ?? 0)}`);
  };
  return () => {
    for (const frame of framesNow()) {
      const url = frame.getFileName() ?? "";
      const inFile = known.get(url) ?? new Map<number, string | undefined>();
      known.set(url, inFile);
      // Where in its file: the line is counted anew for each frame that is asked for it.
      const position = frame.getPosition();
      if (!inFile.has(position)) inFile.set(position, siteOf(url, frame));
      const site = inFile.get(position);
      if (site !== undefined) return site;
    }
    return undefined;
  };
};
