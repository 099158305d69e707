import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { searchForLeaks } from "../../sandbox/demo/leak-search.ts";
import { describeTerraform, KEY, SECRET } from "./terraform-stand.ts";
import { AWS_SECRET } from "./workspace.ts";

/** Of the credentials as well, where they are temporary. */
const SESSION_TOKEN = "exampleSessionToken/of/these/tests==";
const LEAKED = "pk_live_leakedByAnErrorMessage1234567";

describeTerraform("what is written under the real Terraform", (stand) => {
  let runs = 0;

  /** Runs Terraform at its most talkative. What it prints and logs is kept as files beside state and plan. */
  const run = async (...args: readonly string[]): Promise<number | null> => {
    runs += 1;
    const file = (name: string) => join(stand.workspace.folder, `${runs}-${args[0]}.${name}`);
    const env = { TF_LOG: "TRACE", TF_LOG_PATH: file("trace"), AWS_SESSION_TOKEN: SESSION_TOKEN };
    const { code, output } = await stand.workspace.start([...args, "-no-color"], env).done;
    writeFileSync(file("output"), output);
    return code;
  };

  /** Plans into a file, and carries that plan out. */
  const planAndApply = async (...options: readonly string[]): Promise<void> => {
    const plan = `${runs}.plan`;
    expect(await run("plan", `-out=${plan}`, ...options)).toBe(0);
    expect(await run("show", "-json", plan)).toBe(0);
    expect(await run("apply", plan)).toBe(0);
  };

  const write = (key: object) =>
    stand.workspace.write({ web: key }, { data: { keyturn_api_keys: { all: { vendor: "pictify" } } } });

  test("no value and no credential is in state, plans, logs or output of a key's whole life", async () => {
    stand.service.fail("ensure", { type: "VALUE_LOST", message: `the vendor said ${LEAKED}` });
    write(KEY);
    expect(await run("apply", "-auto-approve")).toBe(1);
    await planAndApply();
    write({ ...KEY, name: "web-two", type: "test" });
    await planAndApply();
    stand.service.alter(SECRET, { status: "revoked" });
    await planAndApply();
    write({ ...KEY, name: "web-two", type: "test", adopt_key_id: "hand-made" });
    await planAndApply();
    await planAndApply("-destroy");

    const secret = [AWS_SECRET, SESSION_TOKEN, LEAKED, ...stand.service.values];
    const { leaks, files } = await searchForLeaks(stand.workspace.folder, secret);

    expect(stand.service.commands.map(({ action }) => action)).toEqual([
      "ensure",
      "ensure",
      "claim",
      "update",
      "ensure",
      "adopt",
      "delete",
    ]);
    expect(stand.service.values).toHaveLength(4);
    expect(files).toBeGreaterThan(40);
    expect(leaks).toEqual([]);
    expect(stand.workspace.read("2-plan.trace")).toContain("PlanResourceChange");
  });

  test("the search finds what is there: in the state, in a plan, in the log and in the output", async () => {
    const planted = "plantedForTheSearchToFind0001"; // no redaction takes it for a key
    stand.service.fail("ensure", { type: "NOT_YET_ALIVE", message: planted });
    stand.workspace.write({ web: KEY }, { output: { planted: { value: planted } } });

    await planAndApply();

    const { leaks } = await searchForLeaks(stand.workspace.folder, [planted]);
    const places = ["terraform.tfstate", ".plan", "-plan.output", "-apply.output", "-apply.trace"];
    const found = leaks.map(({ file }) => file);
    expect(places.filter((place) => !found.some((file) => file.endsWith(place)))).toEqual([]);
  });
});
