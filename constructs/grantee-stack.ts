import { TerraformStack, Token } from "cdktf";
import { Construct } from "constructs";
import { Account } from "./account.ts";
import type { RoleReference } from "./references.ts";
import { stackAwsProvider } from "./terraform/aws-settings.ts";

/** Something that a role is granted: by reference, and by its name alone. */
export interface Granted {
  readonly arn: string;
  /** Its ARN without a reference to it. @param region the region that it is in */
  readonly byName: (account: Account, region: string) => string;
}

/** Where a role's policy is declared, and how it names what it grants. */
export interface GranteePlace {
  readonly scope: Construct;
  readonly arnOf: (granted: Granted) => string;
}

/** What grants put into the stack of a role: the account as that stack finds it, and the policies. */
class KeyturnGrants extends Construct {
  readonly account = new Account(this, "Account");
}

const GRANTS_ID = "KeyturnGrants";

const grantsIn = (stack: TerraformStack): KeyturnGrants => {
  const found = stack.node.tryFindChild(GRANTS_ID);
  return found instanceof KeyturnGrants ? found : new KeyturnGrants(stack, GRANTS_ID);
};

/** The region of what `scope` declares, as `account` can know it; `undefined`: not without a reference. */
const regionOf = (scope: Construct, stack: TerraformStack, account: Account): string | undefined => {
  const own = stackAwsProvider(scope)?.regionInput;
  if (own !== undefined) return Token.isUnresolved(own) ? undefined : own;
  return stackAwsProvider(stack)?.regionInput === undefined ? account.region : undefined;
};

/**
 * The place for a role's policy: beside what is granted, or for a role of another stack in that stack, by names. So neither stack
 * needs the other for it, whichever of them needs the other anyway, and there is no circle.
 * @param scope what declares the thing that is granted
 */
export const granteePlace = (scope: Construct, role: RoleReference): GranteePlace => {
  const stack = role.node?.scopes.find((one): one is TerraformStack => TerraformStack.isStack(one));
  if (!stack || stack === TerraformStack.of(scope)) return { scope, arnOf: ({ arn }) => arn };
  const grants = grantsIn(stack);
  return {
    scope: grants,
    arnOf({ arn, byName }) {
      const region = regionOf(scope, stack, grants.account);
      return region === undefined ? arn : byName(grants.account, region);
    },
  };
};
