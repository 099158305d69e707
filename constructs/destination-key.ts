import type { IConstruct } from "constructs";
import type { Account } from "./account.ts";
import type { ArnReference } from "./references.ts";
import { resolved } from "./resolved.ts";

/** A topic or a queue, and what it is encrypted with where its construct was told. */
export interface Encrypted extends ArnReference {
  readonly kmsMasterKeyIdInput?: string | undefined;
}

/** The KMS key of the user's that encrypts it, as far as it was said. */
export type DestinationKey =
  /** AWS's own key, or none. */
  | { readonly kind: "none" }
  | { readonly kind: "key"; readonly arn: string }
  | { readonly kind: "alias"; readonly said: string };

const ARN = /^arn:.*:key\/|\.(arn|target_key_arn)\}$/;
/** Whatever AWS calls its own keys, and a reference to a name, which only an alias has. */
const AWS_OWN = /^alias\/aws\//;
const ALIAS = /:?alias\/|\.name\}$/;

/**
 * The KMS key of a topic or a queue. Its construct may have been told the key's ARN, its id or an alias.
 * @param named which key the service was told, and is believed
 */
export const destinationKey = (
  scope: IConstruct,
  account: Account,
  { kmsMasterKeyIdInput: said }: Encrypted,
  named: ArnReference | undefined,
): DestinationKey => {
  if (named) return { kind: "key", arn: named.arn };
  if (said === undefined || said === "") return { kind: "none" };
  const text = String(resolved(scope, said));
  if (AWS_OWN.test(text)) return { kind: "none" };
  if (ALIAS.test(text)) return { kind: "alias", said: text };
  return { kind: "key", arn: ARN.test(text) ? said : account.arn("kms", `key/${said}`) };
};

/** What is wrong where a policy must name the key, and only an alias is known. */
export const aliasProblems = (property: string, keyProperty: string, key: DestinationKey): string[] =>
  key.kind === "alias"
    ? [
        `${property} is encrypted by the alias ${key.said}, and a policy must name the key itself: give it as ${keyProperty}`,
      ]
    : [];
