import { afterAll, describe, expect, test } from "vitest";
import { TARGET_CODES } from "../../lambdas/contracts/distribute.ts";
import { targetTags } from "../../lambdas/contracts/target-tags.ts";
import type { TargetDeclaration } from "../../lambdas/contracts/targets.ts";
import { ANNOTATIONS, LABELS, newKeyOf, oldKeyOf } from "../../lambdas/targets/kubernetes/names.ts";
import { addCluster, addWebKey, newService, newStack, webTarget } from "../constructs/declare.ts";
import { blocksIn, pageText, rowOf, sectionOf } from "./pages.ts";
import { writeExamples } from "./typescript-examples.ts";

const PAGE = "docs/kubernetes.md";
const written = writeExamples();
afterAll(() => written.remove());

const target: TargetDeclaration = {
  kind: "external-secret",
  id: "web",
  cluster: "prod",
  namespace: "web",
  name: "pictify-credentials",
  dataKey: "api-key",
  restart: [{ kind: "deployment", name: "webapp" }],
  delayMs: 1,
  store: { kind: "ClusterSecretStore", name: "aws" },
  refreshMs: 1,
};

describe("the guide of Kubernetes has", () => {
  test("every tag of a target", () => {
    const tags = Object.keys(targetTags(target)).map((tag) => tag.replace(/:web$/, ":<id>"));
    expect(tags).toHaveLength(5);
    expect(tags.filter((tag) => rowOf(PAGE, tag) === "")).toEqual([]);
  });

  test("every code of an answer, and no other", () => {
    const rows = [...sectionOf(PAGE, "Answers").matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code);
    expect(rows).toEqual([...TARGET_CODES]);
  });

  test("every label, annotation and data key", () => {
    const { forceSync: _, ...annotations } = ANNOTATIONS;
    const names = [...Object.values(LABELS), ...Object.values(annotations)];
    const keys = ["api-key", newKeyOf("api-key"), oldKeyOf("api-key")];
    expect([...names, ...keys].filter((name) => !pageText(PAGE).includes(`\`${name}\``))).toEqual([]);
  });

  test("the refusal of a short overlap as it is printed", () => {
    const service = newService(newStack());
    const cluster = addCluster(service);
    const refused = () => addWebKey(service, [webTarget(cluster)], { overlap: "PT46M" });
    const [printed] = blocksIn("text").filter(({ page }) => page === PAGE);
    expect(refused).toThrow(printed?.code.trim() ?? "a block");
  });

  test("a Role that reaches what its target names, and nothing else", async () => {
    const { roles } = await import(/* @vite-ignore */ written.path("kubernetes-role"));
    expect(roles).toMatchObject([{ kind: "Role", metadata: { namespace: "web" } }]);
    const named = roles[0].rules.flatMap(({ resourceNames = [] }: { resourceNames?: string[] }) => resourceNames);
    expect(new Set(named)).toEqual(new Set(["pictify-credentials", "webapp"]));
  });
});
