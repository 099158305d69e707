import { existsSync } from "node:fs";
import { join } from "node:path";
import { checkKubernetes } from "../../sandbox/kubernetes-api/prerequisite.ts";
import { checkPrerequisites, describeMissing } from "../../sandbox/prerequisites.ts";

const CDKTN = join(import.meta.dirname, "..", "cdktn", "node_modules", "cdktn");

const missingHere = async (): Promise<string> => {
  const [tools, kubernetes] = await Promise.all([checkPrerequisites(), checkKubernetes()]);
  const cdktn = existsSync(CDKTN) ? "" : "cdktn is not installed\n    npm ci --prefix test/cdktn";
  const missing = describeMissing([...tools, ...(kubernetes ? [kubernetes] : [])]);
  return [missing, cdktn].filter((text) => text !== "").join("\n");
};

/**
 * Says before the tests and after them which tools are missing, so that nobody takes a skipped test for a passed one.
 * With KEYTURN_REQUIRE_ALL=1 the tests that need them fail.
 */
export default async function setup(): Promise<() => void> {
  const missing = await missingHere();
  const consequence =
    process.env.KEYTURN_REQUIRE_ALL === "1"
      ? "The tests that need it fail, as KEYTURN_REQUIRE_ALL=1 demands:"
      : "The tests that need it are skipped, each with its reason in its title:";
  const say = () => {
    if (missing !== "") console.log(`\nSomething is missing on this machine. ${consequence}\n${missing}\n`);
  };
  say();
  return say;
}
