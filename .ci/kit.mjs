/*
 * How much of the conformance kit this run plays. The whole of it where something that the kit is made of has changed since the
 * last commit whose checks were green, or where none is known; otherwise a sample of each family. Prints the kit's options to
 * standard output, and why to standard error.
 *
 *   node .ci/kit.mjs          what to play now
 *   node .ci/kit.mjs green    the checks of this commit were green: remembers it
 *
 * Green commits are known from KEYTURN_GREEN, which a CI system may set, and from a file in the cache folder.
 */
import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cacheFolder } from "../sandbox/cache-folder.mjs";

/** Everything that the kit is made of; a test holds that it imports nothing else. */
export const KIT = ["lambdas", "conformance", "sandbox", "provider", "constructs/functions.ts", "package-lock.json"];

/** Lives of each family in a sample. */
const OF_EACH_FAMILY = 200;

/** Digits of a commit's name that the sample's seed is made of. */
const SEED_DIGITS = 7;

const say = (text) => process.stderr.write(`${text}\n`);

/** @throws Error when git refuses */
const git = (...parameters) =>
  execFileSync("git", parameters, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();

const isSo = (...parameters) => {
  try {
    git(...parameters);
    return true;
  } catch {
    return false; // an answer too: it is no ancestor, or this clone does not have it
  }
};

const linesOf = (text) => text.split("\n").filter((line) => line !== "");

const listOfGreen = () => {
  const folder = cacheFolder();
  return folder && join(folder, "green-commits");
};

/** The commits known as green, the latest first. */
const greenCommits = () => {
  const list = listOfGreen();
  const remembered = list && existsSync(list) ? linesOf(readFileSync(list, "utf8")).reverse() : [];
  return [...(process.env.KEYTURN_GREEN ? [process.env.KEYTURN_GREEN] : []), ...remembered];
};

/** The latest green commit that this one was made from. */
const lastGreen = () => greenCommits().find((commit) => isSo("merge-base", "--is-ancestor", commit, "HEAD"));

/** What differs from that commit in what the kit is made of, committed or not. */
const changedSince = (commit) => [
  ...linesOf(git("diff", "--name-only", commit, "--", ...KIT)),
  ...linesOf(git("ls-files", "--others", "--exclude-standard", "--", ...KIT)),
];

const seedOf = (commit) => Number.parseInt(commit.slice(0, SEED_DIGITS), 16) + 1;

const choose = () => {
  if (!isSo("rev-parse", "HEAD")) return { options: [], why: "this is no checkout of git" };
  const green = lastGreen();
  if (green === undefined) return { options: [], why: "no commit is known whose checks were green" };
  const [first, ...further] = changedSince(green);
  const since = `since ${git("rev-parse", "--short", green)}, whose checks were green`;
  if (first !== undefined)
    return { options: [], why: `${first}${further.length > 0 ? ` and ${further.length} more` : ""} changed ${since}` };
  const seed = seedOf(git("rev-parse", "HEAD"));
  return {
    options: ["--sample", OF_EACH_FAMILY, "--seed", seed],
    why: `nothing that it is made of changed ${since}`,
  };
};

const remember = () => {
  const list = listOfGreen();
  if (list === undefined) return say("no cache folder is at hand, so that this green commit is not remembered");
  if (git("status", "--porcelain") !== "")
    return say("there are changes without a commit, so that nothing is remembered");
  try {
    mkdirSync(dirname(list), { recursive: true });
    appendFileSync(list, `${git("rev-parse", "HEAD")}\n`);
  } catch (error) {
    say(`this green commit is not remembered: ${error.message}`);
  }
};

if (process.argv[1] === import.meta.filename) {
  if (process.argv[2] === "green") remember();
  else {
    const { options, why } = choose();
    say(`conformance: ${options.length > 0 ? `a sample, ${options.join(" ")}` : "the whole kit"}, as ${why}`);
    console.log(options.join(" "));
  }
}
