import { configDefaults, defineConfig } from "vitest/config";
import { InGoodOrder } from "./test/setup/in-good-order.ts";

/** The conformance kit's own tests, that it finds what it is to find; and lives of days and of a year, on a virtual clock. */
const PROOF = [
  "test/conformance/**/*.test.ts",
  "test/bench/small-runs.test.ts",
  "test/lambdas/evidence/idle-year.test.ts",
  "test/lambdas/evidence/seen/last-use.test.ts",
  "test/lambdas/reconciliation/{listed-otherwise,mints-in-vain}.test.ts",
  "test/sandbox/soak/soak.test.ts",
];

/** Tests of this package with real tools, servers and processes. All that is named in neither list is a unit test. */
const INTEGRATION = [
  "test/bench/kubernetes-distribution.test.ts",
  "test/checkov/stacks.test.ts",
  "test/ci/**/*.test.ts",
  "test/constructs/kubernetes/applied-manifest.test.ts",
  "test/demo/{command-runner,deployed,foreign-vendors,in-process}.test.ts",
  "test/demo/kubernetes/{find-cluster,in-cluster}.test.ts",
  "test/differential/**/*.test.ts",
  "test/examples/**/*.test.ts",
  "test/foreign/**/*.test.ts",
  "test/kubernetes-api/**/*.test.ts",
  "test/lambdas/{distribution,reconciliation}/kubernetes/**/*.test.ts",
  "test/lambdas/targets/kubernetes/{eks-token,many-fat-pods}.test.ts",
  "test/provider/{installation,terraform-*}.test.ts",
  "test/sandbox/aws/{lambda-client,ministack,python-*}.test.ts",
  "test/sandbox/cluster/kubernetes-agreement.test.ts",
  "test/sandbox/soak/{command,function-processes}.test.ts",
  "test/sandbox/stop-signal.test.ts",
  "test/sandbox/terraform/environment.test.ts",
  "test/sandbox/workload/workload-process.test.ts",
  "test/scripts/**/*.test.ts",
  "test/stacks/{cdktn,terraform-validate}.test.ts",
];

const inEach = {
  setupFiles: ["test/setup/each-file.ts"],
  testTimeout: 60_000,
  hookTimeout: 180_000,
  expect: { poll: { timeout: 30_000 } },
};

/** A worker imports each module once, and not for each file anew: what these tests import keeps nothing from one test to the next. */
const isolate = false;

const unit = {
  ...inEach,
  name: "unit",
  isolate,
  include: ["test/**/*.test.ts"],
  exclude: [...configDefaults.exclude, ...INTEGRATION, ...PROOF],
};
const proof = { ...inEach, name: "proof", isolate, include: PROOF };
const integration = {
  ...inEach,
  name: "integration",
  include: INTEGRATION,
  globalSetup: ["test/setup/prerequisites.ts", "test/setup/shared-api-server.ts"],
  provide: { mayNeedTools: true as const },
};

export default defineConfig({
  test: {
    projects: [{ test: unit }, { test: integration }, { test: proof }],
    sequence: { sequencer: InGoodOrder },
    // One more than CI has cores: many of the integration tests wait for other processes.
    maxWorkers: 3,
  },
});
