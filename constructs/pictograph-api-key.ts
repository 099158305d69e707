import type { Construct } from "constructs";
import { ApiKey, type IApiKey } from "./api-key.ts";
import { ExistingApiKey, type ExistingApiKeyProps } from "./existing-api-key.ts";
import type { ApiKeyProps } from "./key-settings.ts";

export interface PictographApiKeyProps extends ApiKeyProps {
  /** What the key may do at Pictograph, from the least to the most: viewer, member, admin, owner. */
  readonly role: "viewer" | "member" | "admin" | "owner";
}

/** An API key of Pictograph. */
export class PictographApiKey extends ApiKey {
  /**
   * @throws KeyturnError BAD_INPUT that names the property, the value received and what it must be; KEY_LIMIT when
   * `maxKeys` leaves no slot for a rotation
   */
  constructor(scope: Construct, id: string, props: PictographApiKeyProps) {
    super(scope, id, "pictograph", { kind: "role", value: props.role }, props);
  }

  /** A key that another stack or app declares, by the name of its secret: `keyturn/<service>/<name>`. */
  static fromSecretName(scope: Construct, id: string, secretName: string, props?: ExistingApiKeyProps): IApiKey {
    return new ExistingApiKey(scope, id, secretName, props);
  }
}
