import type { GrantsFile } from "../../lambdas/contracts/grants.ts";
import type { Stand } from "./stand.ts";

export type VendorName = "pictify" | "pictograph";

/** The organization, or team, of the second connection. */
export const SECOND_ORGANIZATION = "11111111-1111-4111-8111-111111111111";

export const secondConnectionOf = (vendor: VendorName): string => `${vendor}-eu`;

/**
 * Gives the service a second connection to a vendor, `<vendor>-eu`: another organization, with an admin key of its own that was stored just
 * now. Its functions begin anew.
 * @param order where it is declared, beside the first one
 */
export const addSecondConnection = async (
  stand: Stand,
  vendor: VendorName,
  order: "before" | "after" = "after",
): Promise<void> => {
  const name = secondConnectionOf(vendor);
  const { value: apiKey } = stand[vendor].issueAdminKey("Admin", SECOND_ORGANIZATION);
  await stand.aws("CreateSecret", { Name: `keyturn/${name}`, SecretString: JSON.stringify({ apiKey }) });
  const open = stand.account.world;
  const world: typeof open = (grants, environment) => {
    const { connections, ...rest } = grants as GrantsFile;
    const { [vendor]: first } = connections;
    if (!first) throw new Error(`there is no connection ${vendor}`);
    const organization = first.organizationId === undefined ? {} : { organizationId: SECOND_ORGANIZATION };
    const second = { [name]: { ...first, ...organization, adminSecret: `keyturn/${name}` } };
    const both = order === "after" ? { ...connections, ...second } : { ...second, ...connections };
    return open({ ...rest, connections: both }, environment);
  };
  Object.assign(stand.account, { world });
  stand.anotherService("prod");
};

/** Gives the service's connection to Pictify another name, and the key's tags too, as a deploy of the app does before the key's own. */
export const renameConnection = async (stand: Stand, secretId: string, name = "pictify-main"): Promise<void> => {
  const open = stand.account.world;
  const world: typeof open = (grants, environment) => {
    const { connections, ...rest } = grants as GrantsFile;
    const { pictify, ...others } = connections;
    if (!pictify) throw new Error("there is no connection pictify");
    return open({ ...rest, connections: { ...others, [name]: pictify } }, environment);
  };
  Object.assign(stand.account, { world });
  stand.anotherService("prod");
  await stand.aws("TagResource", { SecretId: secretId, Tags: [{ Key: "keyturn:vendor", Value: name }] });
};
