import { fileURLToPath } from "node:url";
import { preparePythonEnvironment } from "../../sandbox/aws/python-environment.ts";

/** Installs moto's server, once. @returns the interpreter that has it */
export async function prepareMotoEnvironment(): Promise<string> {
  const requirements = fileURLToPath(new URL("requirements-moto.txt", import.meta.url));
  const { python } = await preparePythonEnvironment({ name: "moto-venv", requirements });
  return python;
}
