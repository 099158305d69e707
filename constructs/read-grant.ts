import type { Construct } from "constructs";
import { encryptionKeyUse } from "./policy.ts";
import type { ArnReference, RoleReference } from "./references.ts";
import { attachPolicy } from "./role-policy.ts";

export interface Readable {
  /** `keyturn/<service>/<name>` */
  readonly secretName: string;
  readonly secretArn: string;
  readonly encryptionKey: ArnReference | undefined;
}

/**
 * Lets a role read one secret, and nothing else. Repeating it changes nothing.
 * @throws KeyturnError BAD_INPUT for something that is not a role
 */
export const grantRead = (
  scope: Construct,
  { secretName, secretArn, encryptionKey }: Readable,
  role: RoleReference,
): void => {
  const statements = [
    {
      Sid: "ReadSecret",
      Effect: "Allow",
      Action: ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
      Resource: [secretArn],
    } as const,
    encryptionKeyUse(encryptionKey ? [encryptionKey.arn] : [], ["kms:Decrypt"]),
  ];
  const [, service, name] = secretName.split("/");
  attachPolicy(scope, { grant: "grantRead", name: `keyturn-read-${service}-${name}`, statements }, role);
};
