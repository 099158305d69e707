import { createHash } from "node:crypto";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy/index.js";
import { Token } from "cdktf";
import type { Construct } from "constructs";
import { policyDocument, type Statement } from "./policy.ts";
import { refuse } from "./property-checks.ts";
import type { RoleReference } from "./references.ts";

export interface RolePolicy {
  /** The method that grants it, for messages: `grantRead`. */
  readonly grant: string;
  readonly name: string;
  readonly statements: readonly Statement[];
}

/** An id that is the same in every synth: where the role was declared, or its literal name. */
const policyId = (where: string, grant: string, role: RoleReference): string => {
  if (!role?.name) refuse(where, `${grant} needs a role: an IamRole, or { name } of one`);
  const identity = role.node?.path ?? role.name;
  if (Token.isUnresolved(identity))
    refuse(where, `${grant} needs the role's construct, or its name as a literal; received a token alone`);
  return `${grant.replace(/^grant/, "")}-${createHash("sha256").update(identity).digest("hex").slice(0, 8)}`;
};

/**
 * Gives a role a policy of its own. Repeating it changes nothing.
 * @throws KeyturnError BAD_INPUT for something that is not a role
 */
export const attachPolicy = (scope: Construct, policy: RolePolicy, role: RoleReference): void => {
  const id = policyId(scope.node.path, policy.grant, role);
  if (scope.node.tryFindChild(id)) return;
  new IamRolePolicy(scope, id, {
    name: policy.name,
    role: role.name,
    policy: policyDocument(policy.statements),
  });
};
