import { existsSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { z } from "zod";
import { MUTANTS } from "../conformance/mutants/mutants.ts";
import { ORDERINGS } from "../conformance/orderings/orderings.ts";

/*
 * What the last whole run of the tests, as JSON, says of what it covered and of where its time went: `npm run test:report`.
 * A change that is to make tests faster keeps the first two lines; tests that draw their inputs have a few hundred expectations
 * more or fewer in each run.
 */
const ROOT = join(import.meta.dirname, "..");
const RESULTS = join(ROOT, ".sandbox", "test-results.json");
const SLOWEST = 10;

const Results = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      startTime: z.number(),
      endTime: z.number(),
      assertionResults: z.array(
        z.object({
          fullName: z.string(),
          status: z.string(),
          duration: z.number().optional(),
          meta: z.object({ expects: z.number().optional(), caughtMutant: z.string().optional() }),
        }),
      ),
    }),
  ),
});

type TestFile = z.infer<typeof Results>["testResults"][number];

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
const seconds = (durationMs: number): string => `${(durationMs / 1_000).toFixed(1)} s`.padStart(9);
const passedOf = (files: readonly TestFile[]) =>
  files.flatMap(({ name, assertionResults }) =>
    assertionResults.filter(({ status }) => status === "passed").map((test) => ({ ...test, file: name })),
  );

const coverage = (files: readonly TestFile[]): readonly string[] => {
  const passed = passedOf(files);
  const met = sum(passed.map(({ meta }) => meta.expects ?? 0));
  const written = sum(files.map(({ name }) => readFileSync(name, "utf8").match(/\bexpect(?:\.\w+)?\(/g)?.length ?? 0));
  const caught = new Set(passed.flatMap(({ meta }) => meta.caughtMutant ?? []));
  return [
    `${met} expectations met by ${passed.length} tests in ${files.length} files, which have ${written} of them written down`,
    `${caught.size} of ${MUTANTS.length + ORDERINGS.length} mutants and other orderings caught`,
  ];
};

const folderOf = (file: string): string => file.split("/").slice(0, 2).join("/");

const times = (files: readonly TestFile[]): readonly string[] => {
  const byFolder = new Map<string, number>();
  for (const { name, startTime, endTime } of files) {
    const folder = folderOf(relative(ROOT, name));
    byFolder.set(folder, (byFolder.get(folder) ?? 0) + endTime - startTime);
  }
  return [...byFolder].sort(([, a], [, b]) => b - a).map(([folder, durationMs]) => `${seconds(durationMs)}  ${folder}`);
};

const slowest = (files: readonly TestFile[]): readonly string[] =>
  passedOf(files)
    .sort((a, b) => (b.duration ?? 0) - (a.duration ?? 0))
    .slice(0, SLOWEST)
    .map(({ duration = 0, file, fullName }) => `${seconds(duration)}  ${relative(ROOT, file)}: ${fullName}`);

const results = resolve(process.argv[2] ?? RESULTS);
if (!existsSync(results))
  throw new Error(
    `${results} is missing: run npm test -- --reporter=default --reporter=json --outputFile.json=${RESULTS}`,
  );
const { testResults } = Results.parse(JSON.parse(readFileSync(results, "utf8")));
console.log([...coverage(testResults), "", ...times(testResults), "", ...slowest(testResults)].join("\n"));
