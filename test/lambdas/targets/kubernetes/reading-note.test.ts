import { expect, test } from "vitest";
import { read } from "../../../../lambdas/contracts/read.ts";
import { workloadObject } from "../../../../lambdas/targets/kubernetes/objects.ts";
import { withReadingNote } from "../../../../lambdas/targets/kubernetes/state.ts";

const workload = { kind: "deployment", name: "web" } as const;
const target = {
  id: "web",
  cluster: "prod",
  namespace: "web",
  name: "pictify-credentials",
  dataKey: "api-key",
  restart: [workload],
  delayMs: 1,
};
const taking = (envFrom: object) => ({
  workload,
  object: read(
    workloadObject,
    {
      metadata: { name: "web" },
      spec: { selector: {}, template: { spec: { containers: [{ name: "c", envFrom: [envFrom] }] } } },
    },
    "a workload",
  ),
});
const all = taking({ secretRef: { name: target.name } });

test("a workload that takes api-key by envFrom is named, beside what else there is to know", () => {
  expect(withReadingNote({}, target, [all]).note).toMatch(
    /^deployment\/web: envFrom makes of the data key api-key a variable/,
  );
  expect(withReadingNote({ note: "something else" }, target, [all]).note).toMatch(
    /^something else; deployment\/web: envFrom/,
  );
});

test("a data key that is a variable's name, another Secret, or a workload that is not there, is nothing to tell", () => {
  expect(withReadingNote({}, { ...target, dataKey: "API_KEY" }, [all])).toEqual({});
  expect(withReadingNote({}, target, [taking({ secretRef: { name: "other" } })])).toEqual({});
  expect(withReadingNote({}, target, [{ workload, object: undefined }])).toEqual({});
});
