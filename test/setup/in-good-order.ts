import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take more than half a minute, the longest first: begun last, they would keep one worker busy while the others are idle. */
const LONG = [
  "demo/deployed",
  "demo/foreign-vendors",
  "lambdas/distribution/kubernetes/every-call",
  "examples/hcl",
  "demo/kubernetes/in-cluster",
  "lambdas/distribution/kubernetes/rollout",
  "foreign/aws-cli",
  "demo/in-process",
  "constructs/kubernetes/applied-manifest",
  "provider/terraform-killed",
];

/** Files whose API server may still be under construction, beside the other files. */
const LAST = "kubernetes";

/** Files of one project follow each other, so that a worker that shares their modules keeps them. */
const PROJECTS = ["integration", "unit", "proof"];

const rank = ({ moduleId, project }: TestSpecification): readonly number[] => {
  const path = moduleId.slice(moduleId.lastIndexOf("/test/") + "/test/".length);
  const isLast = project.name === "integration" && path.includes(LAST);
  const long = LONG.findIndex((part) => path.startsWith(part));
  return [isLast ? 1 : 0, PROJECTS.indexOf(project.name), long === -1 ? LONG.length : long];
};

const compare = (a: readonly number[], b: readonly number[]): number =>
  a.map((number, index) => number - (b[index] ?? 0)).find((difference) => difference !== 0) ?? 0;

export class InGoodOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.sort((a, b) => compare(rank(a), rank(b)));
  }
}
