import type { Construct } from "constructs";
import { secretPrefix } from "../lambdas/contracts/secret-name.ts";
import type { Account } from "./account.ts";
import type { Granted } from "./grantee-stack.ts";
import { encryptionKeyUse, ofService, type Statement } from "./policy.ts";
import type { ArnReference, RoleReference } from "./references.ts";
import { attachPolicy, type RolePolicy } from "./role-policy.ts";

export interface Readable {
  /** `keyturn/<service>/<name>` */
  readonly secretName: string;
  readonly secretArn: string;
  readonly encryptionKey: ArnReference | undefined;
}

export interface ReadableService {
  readonly account: Account;
  readonly service: string;
  readonly encryptionKeyArns: () => readonly string[];
}

const reading = (Resource: readonly string[], Condition?: Statement["Condition"]): Statement => ({
  Sid: "ReadSecret",
  Effect: "Allow",
  Action: ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
  Resource,
  ...(Condition ? { Condition } : {}),
});

const decryption = (keyArns: readonly string[]): Statement => encryptionKeyUse(keyArns, ["kms:Decrypt"]);

/**
 * Lets a role read one secret, and nothing else. Repeating it changes nothing.
 * @throws KeyturnError BAD_INPUT for something that is not a role
 */
export const grantRead = (
  scope: Construct,
  { secretName, secretArn, encryptionKey }: Readable,
  role: RoleReference,
): void => {
  const secret: Granted = {
    arn: secretArn,
    // Secrets Manager ends an ARN with six characters of its own.
    byName: (account, region) => account.arn("secretsmanager", `secret:${secretName}-??????`, region),
  };
  const statements: RolePolicy["statements"] = (arnOf) => [
    reading([arnOf(secret)]),
    decryption(encryptionKey ? [encryptionKey.arn] : []),
  ];
  const [, service, name] = secretName.split("/");
  // The shortest region's.
  const known = { [secretArn]: `arn:aws:secretsmanager:us-east-1:000000000000:secret:${secretName}-??????` };
  attachPolicy(scope, { grant: "grantRead", name: `keyturn-read-${service}-${name}`, statements, known }, role);
};

/**
 * Lets a role read every secret of a service, by one policy that does not grow with them: by name and by tag, as the functions do.
 * @param encryptionKeyArns asked for at synth, after the last key
 * @throws KeyturnError BAD_INPUT for something that is not a role
 */
export const grantReadAll = (
  scope: Construct,
  { account, service, encryptionKeyArns }: ReadableService,
  role: RoleReference,
): void => {
  const all = `secret:${secretPrefix(service)}*`;
  const secrets: Granted = {
    arn: account.arn("secretsmanager", all),
    byName: (other, region) => other.arn("secretsmanager", all, region),
  };
  const statements: RolePolicy["statements"] = (arnOf) => [
    reading([arnOf(secrets)], ofService(service)),
    decryption(encryptionKeyArns()),
  ];
  attachPolicy(scope, { grant: "grantRead", name: `keyturn-read-${service}`, statements }, role);
};
