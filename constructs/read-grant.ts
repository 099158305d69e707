import { createHash } from "node:crypto";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy/index.js";
import { Token } from "cdktf";
import type { Construct } from "constructs";
import type { SecretNameParts } from "../lambdas/contracts/secret-name.ts";
import { encryptionKeyUse, policyDocument } from "./policy.ts";
import { refuse } from "./property-checks.ts";
import type { ArnReference, RoleReference } from "./references.ts";

export interface Readable {
  readonly secretArn: string;
  readonly parts: SecretNameParts;
  readonly encryptionKey: ArnReference | undefined;
}

/** A name for the grant that is the same in every synth: where the role was declared, or its literal name. */
const grantId = (where: string, role: RoleReference): string => {
  if (!role?.name) refuse(where, "grantRead needs a role: an IamRole, or { name } of one");
  const identity = role.node?.path ?? role.name;
  if (Token.isUnresolved(identity))
    refuse(where, "grantRead needs the role's construct, or its name as a literal; received a token alone");
  return `Read-${createHash("sha256").update(identity).digest("hex").slice(0, 8)}`;
};

/**
 * Lets a role read one secret, and nothing else. Repeating it changes nothing.
 * @throws KeyturnError BAD_INPUT for something that is not a role
 */
export const grantRead = (
  scope: Construct,
  { secretArn, parts, encryptionKey }: Readable,
  role: RoleReference,
): void => {
  const id = grantId(scope.node.path, role);
  if (scope.node.tryFindChild(id)) return;
  new IamRolePolicy(scope, id, {
    name: `keyturn-read-${parts.service}-${parts.name}`,
    role: role.name,
    policy: policyDocument([
      {
        Sid: "ReadSecret",
        Effect: "Allow",
        Action: ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
        Resource: [secretArn],
      },
      encryptionKeyUse(encryptionKey ? [encryptionKey.arn] : [], ["kms:Decrypt"]),
    ]),
  });
};
