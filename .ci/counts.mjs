import { readFileSync } from "node:fs";

/*
 * Prints "passed failed" from the JSON results of vitest. A test that was skipped has failed here, and so has a file whose
 * tests could not even be collected.
 */
const { testResults } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const tests = testResults.flatMap((file) => file.assertionResults);
const passed = tests.filter(({ status }) => status === "passed").length;
const broken = testResults.filter(
  (file) => file.status === "failed" && !file.assertionResults.some(({ status }) => status === "failed"),
).length;
for (const { fullName, status } of tests) if (status !== "passed") console.error(`${status}: ${fullName}`);
console.log(passed, tests.length - passed + broken);
