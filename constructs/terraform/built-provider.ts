import { KeyturnError } from "../../lambdas/errors.ts";
import { type BuiltProvider, laidProvider } from "../../provider/layout.ts";
import { providerFolder } from "../functions.ts";

/**
 * The Terraform provider that the package was built into.
 * @throws KeyturnError BAD_INPUT when there is none
 */
export const builtProvider = (bundles: string): BuiltProvider => {
  const folder = providerFolder(bundles);
  const provider = laidProvider(folder);
  if (provider) return provider;
  throw new KeyturnError(
    "BAD_INPUT",
    `the Terraform provider is missing (${folder}); run "npm run build", then synthesize again`,
  );
};
