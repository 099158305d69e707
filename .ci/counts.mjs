import { existsSync, readFileSync } from "node:fs";

/*
 * Prints "passed failed" from the JSON results of vitest and the JSON report of conformance, what each of them counts to
 * standard error. A test that was skipped has failed here, and so has a file whose tests could not even be collected. A report
 * that is not there has failed as one.
 */
const [, , testsFile, livesFile] = process.argv;

const tests = () => {
  const { testResults } = JSON.parse(readFileSync(testsFile, "utf8"));
  const all = testResults.flatMap((file) => file.assertionResults);
  const passed = all.filter(({ status }) => status === "passed").length;
  const broken = testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some(({ status }) => status === "failed"),
  ).length;
  for (const { fullName, status } of all) if (status !== "passed") console.error(`${status}: ${fullName}`);
  return { passed, failed: all.length - passed + broken };
};

const lives = () => {
  const { lives: all, families, seed, broken, unvisited } = JSON.parse(readFileSync(livesFile, "utf8"));
  for (const { family, inFull, played } of families)
    console.error(`${family}: ${played} lives${played < inFull ? ` of ${inFull}, drawn with seed ${seed}` : ""}`);
  for (const { name, seed, violations } of broken)
    for (const { promise, what } of violations) console.error(`broken: ${name} (seed ${seed}): ${promise}: ${what}`);
  for (const id of unvisited) console.error(`an effect that no life reached: ${id}`);
  return { passed: all - broken.length, failed: broken.length + unvisited.length };
};

const counted = [
  ["tests", testsFile, tests],
  ["lives", livesFile, lives],
].map(([what, file, count]) => {
  const result = existsSync(file) ? count() : { passed: 0, failed: 1 };
  console.error(`${what}: ${result.passed} passed, ${result.failed} failed${existsSync(file) ? "" : " (not run)"}`);
  return result;
});
const sum = (of) => counted.reduce((total, result) => total + result[of], 0);
console.log(sum("passed"), sum("failed"));
