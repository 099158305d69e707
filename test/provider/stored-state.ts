import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PROVIDER_SOURCE } from "../../provider/address.ts";
import type { Workspace } from "./workspace.ts";

/** One instance of a resource as a state file has it, in version 4 of the format. */
export interface StoredInstance {
  readonly schema_version: number;
  /** Another object was to take its place. */
  readonly deposed?: string;
  readonly attributes?: object;
  /** The form of Terraform before 0.12. */
  readonly attributes_flat?: Readonly<Record<string, string>>;
}

/** Writes a state file with one key, `web`, as a Terraform with some provider left it. */
export const storeState = ({ folder }: Workspace, ...instances: readonly StoredInstance[]): void => {
  const resource = {
    mode: "managed",
    type: "keyturn_api_key",
    name: "web",
    provider: `provider["${PROVIDER_SOURCE}"]`,
    instances,
  };
  const state = {
    version: 4,
    terraform_version: "1.11.4",
    serial: 7,
    lineage: "1f9c2d0e-0000-4000-8000-000000000000",
    outputs: {},
    resources: [resource],
  };
  writeFileSync(join(folder, "terraform.tfstate"), JSON.stringify(state));
};
