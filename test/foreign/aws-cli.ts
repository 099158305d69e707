import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { preparePythonEnvironment } from "../../sandbox/aws/python-environment.ts";
import { PROJECT } from "../demo/command.ts";

/** Installs the AWS CLI, once for all test files, and gives the interpreter to call it with (`-m awscli`). */
export const prepareAwsCli = async (): Promise<string> => {
  const requirements = fileURLToPath(new URL("requirements.txt", import.meta.url));
  const stateFolder = join(PROJECT, ".sandbox");
  const { python } = await preparePythonEnvironment({ stateFolder, name: "awscli-venv", requirements });
  return python;
};
