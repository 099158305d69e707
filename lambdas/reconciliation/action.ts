import type { Metric } from "../contracts/metrics.ts";

/** Why a key may be revoked. Each is checked again on the secret as it is right before the revocation. */
export type Ground = "retired" | "abandoned" | "destroyed" | "stray";

export type Action =
  | {
      readonly kind: "revoke";
      readonly connection: string;
      readonly keyId: string;
      readonly keyName: string;
      readonly ground: Ground;
      /** The secret to look at again, by ARN or name, and the version of it. */
      readonly secretId: string;
      readonly versionId?: string;
    }
  | { readonly kind: "unlabel"; readonly secretId: string; readonly versionId: string; readonly label: string }
  | { readonly kind: "ensure"; readonly secretId: string }
  | {
      readonly kind: "rotate";
      readonly secretId: string;
      readonly reason: string;
      /** What asked for it, to be taken off when it has started. */
      readonly versionId: string;
      readonly labels: readonly string[];
    }
  | {
      readonly kind: "report";
      readonly secretId?: string;
      readonly action: string;
      readonly facts: Readonly<Record<string, unknown>>;
      readonly metric?: Metric;
    };
