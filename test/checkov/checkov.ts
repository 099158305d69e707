import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { preparePythonEnvironment } from "../../sandbox/aws/python-environment.ts";

/** Something that a check of checkov says of a resource. */
export interface Finding {
  /** `CKV_AWS_50` */
  readonly check: string;
  readonly title: string;
  /** The resource's address: `aws_lambda_function.Keyturn_rotate_Function_1`. */
  readonly resource: string;
}

export interface Report {
  readonly findings: readonly Finding[];
  /** How many checks a resource passed. */
  readonly passed: number;
}

const REQUIREMENTS = fileURLToPath(new URL("requirements.txt", import.meta.url));

/** Installs checkov, once. @returns the interpreter that has it */
export const prepareCheckov = async (): Promise<string> => {
  const { python } = await preparePythonEnvironment({ name: "checkov-venv", requirements: REQUIREMENTS });
  return python;
};

const report = z.object({
  results: z.object({
    failed_checks: z.array(z.object({ check_id: z.string(), check_name: z.string(), resource: z.string() })),
    parsing_errors: z.array(z.string()).default([]),
  }),
  summary: z.object({ passed: z.number(), parsing_errors: z.number() }),
});

/** It needs no network: it would only fetch links to its own pages. */
const options = (plan: string) =>
  ["--file", plan, "--framework", "terraform_plan", "--skip-download", "--compact", "--output", "json"] as const;

const run = (python: string, parameters: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const command = ["-c", "from checkov.main import Checkov; import sys; sys.exit(Checkov().run())", ...parameters];
    execFile(python, command, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      // It ends with 1 where it found something.
      if (!error || error.code === 1) return resolve(stdout);
      reject(new Error(`checkov failed. It printed:\n${stdout}\n${stderr}`.trim(), { cause: error }));
    });
  });

/**
 * What checkov finds in a plan.
 * @param plan the path of its file, `terraform show -json`
 * @throws Error when it fails, could not read the plan, or checked nothing
 */
export const runCheckov = async (python: string, plan: string): Promise<Report> => {
  const { results, summary } = report.parse(JSON.parse(await run(python, options(plan))));
  if (summary.parsing_errors > 0) throw new Error(`checkov could not read ${results.parsing_errors.join(", ")}`);
  if (summary.passed === 0) throw new Error(`checkov checked nothing in ${plan}`);
  const findings = results.failed_checks.map(({ check_id, check_name, resource }) => ({
    check: check_id,
    title: check_name,
    resource,
  }));
  return { findings, passed: summary.passed };
};
