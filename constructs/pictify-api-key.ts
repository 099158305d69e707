import type { Construct } from "constructs";
import { ApiKey, type IApiKey } from "./api-key.ts";
import { ExistingApiKey, type ExistingApiKeyProps } from "./existing-api-key.ts";
import type { ApiKeyProps } from "./key-settings.ts";

export interface PictifyApiKeyProps extends ApiKeyProps {
  /** `live`, or `test`: free of charge, watermarked, few renders a day. */
  readonly type: "live" | "test";
}

/** An API key of Pictify. */
export class PictifyApiKey extends ApiKey {
  /**
   * @throws KeyturnError BAD_INPUT that names the property, the value received and what it must be; KEY_LIMIT when the
   * plan leaves no slot for a rotation
   */
  constructor(scope: Construct, id: string, props: PictifyApiKeyProps) {
    super(scope, id, "pictify", { kind: "type", value: props.type }, props);
  }

  /** A key that another stack or app declares, by the name of its secret: `keyturn/<service>/<name>`. */
  static fromSecretName(scope: Construct, id: string, secretName: string, props?: ExistingApiKeyProps): IApiKey {
    return new ExistingApiKey(scope, id, secretName, props);
  }
}
