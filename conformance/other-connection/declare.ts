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

interface Replaced extends OtherConnection {
  /** That it is declared at, and that its values say. */
  readonly connection: string;
  readonly mintedAt: string;
  readonly name: string;
  /** Besides those of its declaration. */
  readonly tags?: readonly object[];
}

const storedText = ({ vendor, simulator, mintedAt }: Replaced, key: IssuedKey, keyIs: string, atMs: number) =>
  secretValueText({
    apiKey: new Redacted(key.value),
    keyId: key.id,
    vendor,
    connection: mintedAt,
    ...(simulator.organizationId === undefined ? {} : { organizationId: simulator.organizationId }),
    name: keyIs,
    access: ACCESSES[vendor].first,
    issuedAtMs: atMs,
  });

/** Makes one more managed key, whose old generation waits to be revoked. @returns the id of that one's key */
export const declareReplaced = async (
  { clock, aws, functionArn }: Pick<Stage, "clock" | "aws" | "functionArn">,
  of: Replaced,
): Promise<string> => {
  const { vendor, simulator, connection, name, tags = [] } = of;
  const declaration: Declaration = { ...declarationFor(vendor), connection, name };
  const Name = secretNameOf(SERVICE, name);
  const Tags = [...tagsOf(declaration), ...tags];
  const { ARN: SecretId } = await aws<{ ARN: string }>("CreateSecret", { Name, Tags });
  const id = serviceId(SERVICE, functionArn("reconcile"));
  const make = async (token: string): Promise<string> => {
    const keyIs = keyName(name, id, generationOf(token));
    const key = simulator.issueKey({ name: keyIs, access: ACCESSES[vendor].first.value, propagationMs: 0 });
    const SecretString = storedText(of, key, keyIs, clock.now());
    await aws("PutSecretValue", { SecretId, ClientRequestToken: token, SecretString });
    return key.id;
  };
  const old = "0".repeat(32);
  const oldId = await make(old);
  await make("1".repeat(32));
  await aws("UpdateSecretVersionStage", {
    SecretId,
    VersionStage: markLabel("retiring", clock.now()),
    MoveToVersionId: old,
  });
  return oldId;
};

/** A deploy of its key, once. What comes of that is for its trouble to say. */
export const deployOther = async ({ clock, invoke, trace }: Stage): Promise<void> => {
  await clock.sleep(DEPLOY_MS);
  const { error } = await invoke("manage", { action: "ensure", secretId: secretNameOf(SERVICE, "other") });
  trace.tell(`a deploy of the key of the other connection: ${error ?? "as declared"}`);
};

/** Makes a managed key of it whose old generation waits to be revoked. */
export const declareOther = (stage: Stage, other: OtherConnection): Promise<string> =>
  declareReplaced(stage, { ...other, connection: OTHER, mintedAt: BEFORE, name: "other" });
