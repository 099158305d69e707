import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that wait for minutes for other processes, the longest first: begun last, they would keep one worker busy while the others are idle. */
const LONG = ["demo/deployed", "demo/foreign-vendors"];

/** Files whose API server may still be under construction, beside the other files. */
const LAST = "kubernetes";

/** Files of one project follow each other, so that a worker that shares their modules keeps them. */
const PROJECTS = ["integration", "unit", "proof"];

const rank = ({ moduleId, project }: TestSpecification): number => {
  const path = moduleId.slice(moduleId.lastIndexOf("/test/") + "/test/".length);
  const long = LONG.findIndex((part) => path.startsWith(part));
  if (long !== -1) return long;
  if (project.name === "integration" && path.includes(LAST)) return LONG.length + PROJECTS.length;
  return LONG.length + PROJECTS.indexOf(project.name);
};

export class InGoodOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.sort((a, b) => rank(a) - rank(b));
  }
}
