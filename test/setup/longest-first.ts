import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that wait for real processes and real time: begun last, they would keep one worker busy while the other is idle. */
const LONG = [
  "demo/deployed",
  "foreign/",
  "demo/foreign-vendors",
  "provider/",
  "examples/",
  "differential/",
  "demo/in-process",
];

/** Files whose API server may still be under construction, beside the other files. */
const LAST = "kubernetes";

const rank = ({ moduleId }: TestSpecification): number => {
  if (moduleId.slice(moduleId.lastIndexOf("/test/")).includes(LAST)) return LONG.length + 1;
  const found = LONG.findIndex((part) => moduleId.includes(`/test/${part}`));
  return found === -1 ? LONG.length : found;
};

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.sort((a, b) => rank(a) - rank(b));
  }
}
