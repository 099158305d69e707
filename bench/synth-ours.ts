import { AwsProvider } from "@cdktf/provider-aws/lib/provider/index.js";
import type { App } from "cdktf";
import { LocalBackend, TerraformStack } from "cdktf";
import { BUNDLES } from "../constructs/functions.ts";
import { KeyRotationService, PictifyApiKey } from "../constructs/index.ts";
import { SERVICE } from "./declared.ts";

/** A stack with a service and so many keys, as a platform engineer declares them. */
export const declareOurs = (app: App, size: number): TerraformStack => {
  const stack = new TerraformStack(app, "stack");
  new LocalBackend(stack, { path: "terraform.tfstate" });
  new AwsProvider(stack, "Aws", { region: "us-east-1" });
  const service = new KeyRotationService(stack, "Keyturn", { name: SERVICE, bundles: BUNDLES });
  const vendor = service.addVendor("Pictify", {
    vendor: "pictify",
    adminSecretName: "keyturn/admin",
    plan: "enterprise",
  });
  for (let index = 0; index < size; index++)
    new PictifyApiKey(stack, `Key${index}`, { vendor, name: `key-${index}`, type: "live" });
  return stack;
};
