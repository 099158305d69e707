import type { Declaration } from "../../lambdas/contracts/declaration.ts";
import { generationOf, keyName, serviceId } from "../../lambdas/contracts/key-name.ts";
import { markLabel } from "../../lambdas/contracts/labels.ts";
import { secretNameOf } from "../../lambdas/contracts/secret-name.ts";
import { secretValueText } from "../../lambdas/contracts/secret-value.ts";
import { Redacted } from "../../lambdas/redacted.ts";
import type { IssuedKey } from "../../sandbox/vendors/simulator.ts";
import { declarationFor, tagsOf } from "../stage/declared.ts";
import { MINUTE_MS, SERVICE } from "../stage/settings.ts";
import type { Stage } from "../stage/stage.ts";
import { ACCESSES } from "../stage/vendors.ts";
import { OTHER, type OtherConnection } from "./other.ts";

/** What the connection was called when its keys were minted: nobody knows that name any more. */
const BEFORE = "before";

const DEPLOY_MS = 20 * MINUTE_MS;

const storedText = ({ vendor, simulator }: OtherConnection, key: IssuedKey, name: string, atMs: number): string =>
  secretValueText({
    apiKey: new Redacted(key.value),
    keyId: key.id,
    vendor,
    connection: BEFORE,
    ...(simulator.organizationId === undefined ? {} : { organizationId: simulator.organizationId }),
    name,
    access: ACCESSES[vendor].first,
    issuedAtMs: atMs,
  });

/** A deploy of its key, once. What comes of that is for its trouble to say. */
export const deployOther = async ({ clock, invoke, trace }: Stage): Promise<void> => {
  await clock.sleep(DEPLOY_MS);
  const { error } = await invoke("manage", { action: "ensure", secretId: secretNameOf(SERVICE, "other") });
  trace.tell(`a deploy of the key of the other connection: ${error ?? "as declared"}`);
};

/** Makes a managed key of it whose old generation waits to be revoked. */
export const declareOther = async ({ clock, aws, functionArn }: Stage, other: OtherConnection): Promise<void> => {
  const { vendor, simulator } = other;
  const declaration: Declaration = { ...declarationFor(vendor), connection: OTHER, name: "other" };
  const Name = secretNameOf(SERVICE, "other");
  const { ARN: SecretId } = await aws<{ ARN: string }>("CreateSecret", { Name, Tags: tagsOf(declaration) });
  const id = serviceId(SERVICE, functionArn("reconcile"));
  const make = async (token: string) => {
    const name = keyName("other", id, generationOf(token));
    const key = simulator.issueKey({ name, access: ACCESSES[vendor].first.value, propagationMs: 0 });
    await aws("PutSecretValue", {
      SecretId,
      ClientRequestToken: token,
      SecretString: storedText(other, key, name, clock.now()),
    });
  };
  const old = "0".repeat(32);
  await make(old);
  await make("1".repeat(32));
  await aws("UpdateSecretVersionStage", {
    SecretId,
    VersionStage: markLabel("retiring", clock.now()),
    MoveToVersionId: old,
  });
};
