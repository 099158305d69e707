import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Where Terraform finds providers that lie beside a stack, from the folder that it runs in. */
const BESIDE_THE_STACK = "terraform.d/plugins";

/** HCL knows the escapes of JSON; a backslash of Windows becomes a slash, which Terraform takes as well. */
const quote = (path: string): string => JSON.stringify(path.replaceAll("\\", "/"));

/**
 * A Terraform CLI configuration that takes providers from a mirror, and those that lie beside a stack from there.
 * The second place is not asked for HashiCorp's own: Terraform fails when it must look into a folder that is not there.
 */
export const renderCliConfiguration = (mirrorFolder: string): string => `# Written by the sandbox.
provider_installation {
  filesystem_mirror {
    path = ${quote(mirrorFolder)}
  }
  filesystem_mirror {
    path    = ${quote(BESIDE_THE_STACK)}
    exclude = ["hashicorp/*"]
  }
}
`;

/** Writes that configuration into the state folder. Returns its path. */
export const writeCliConfiguration = async (stateFolder: string, mirrorFolder: string): Promise<string> => {
  const path = join(stateFolder, "terraform.rc");
  await mkdir(stateFolder, { recursive: true });
  await writeFile(path, renderCliConfiguration(mirrorFolder));
  return path;
};
