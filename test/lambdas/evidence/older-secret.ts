import { SECOND_ORGANIZATION, secondConnectionOf, type VendorName } from "../second-connection.ts";
import { type Stand, stagesOf } from "../stand.ts";

/*
 * Managed secrets to the letter as functions wrote them before values named their connection and its organization, and before a decision to
 * revoke had a label of its own.
 */

/** Version ids with the generations that were made of them: the first generation's token, and two of AWS's. */
const VERSIONS = [
  { versionId: "05e28ce376428eb23c7dbc87d2f9f0ff603b807a7d282ec2ecb0b35d6401a2c3", generation: "33bc858679" },
  { versionId: "56309b51-8594-4b5b-8849-a1a868ab8ed0", generation: "31a39f48e8" },
  { versionId: "b30d4773-46ff-498d-a764-a8dc14d6d14c", generation: "6106da6b52" },
] as const;

/** Of the service `prod` in the account and region of the stand. */
const SERVICE_ID = "051c9e52";

const ACCESS = { pictify: { type: "live" }, pictograph: { role: "member" } } as const;

const tagsOf = (connection: string, access: Readonly<Record<string, string>>) =>
  Object.entries({
    "keyturn:service": "prod",
    "keyturn:vendor": connection,
    "keyturn:name": "web",
    ...Object.fromEntries(Object.entries(access).map(([kind, value]) => [`keyturn:${kind}`, value])),
    "keyturn:overlap": "PT24H",
    "keyturn:quiet": "PT1H",
    "keyturn:deadline": "PT336H",
    "keyturn:on-deadline": "report",
  }).map(([Key, Value]) => ({ Key, Value }));

/** A generation of such a secret. */
export interface OlderGeneration {
  readonly versionId: string;
  readonly keyId: string;
  readonly apiKey: string;
}

export interface OlderSecret {
  readonly arn: string;
  readonly stand: Stand;
  readonly vendor: VendorName;
  /** Mints the next generation and stores it, with these staging labels. */
  store(...stages: readonly string[]): Promise<OlderGeneration>;
  /** Puts a label with the present time on a version, such as `keyturn/retiring/`. */
  mark(one: OlderGeneration, start: string): Promise<void>;
  /** Makes a version current, as finishSecret did. */
  promote(one: OlderGeneration): Promise<void>;
}

/** @param isSecond whether it is declared at the vendor's second connection */
export const olderSecret = async (stand: Stand, vendor: VendorName, isSecond = false): Promise<OlderSecret> => {
  const access = ACCESS[vendor];
  const [value = ""] = Object.values(access);
  const Tags = tagsOf(isSecond ? secondConnectionOf(vendor) : vendor, access);
  const { ARN: arn } = await stand.aws<{ ARN: string }>("CreateSecret", { Name: "keyturn/prod/web", Tags });
  let stored = 0;
  const move = (VersionStage: string, MoveToVersionId: string, from: object = {}) =>
    stand.aws("UpdateSecretVersionStage", { SecretId: arn, VersionStage, MoveToVersionId, ...from });
  return {
    arn,
    stand,
    vendor,
    async store(...stages) {
      const { versionId, generation } = VERSIONS[stored++] ?? { versionId: "", generation: "" };
      const name = `web-kt-${SERVICE_ID}-${generation}`;
      const organization = isSecond ? { organizationId: SECOND_ORGANIZATION } : {};
      const issuedAt = new Date(stand.clock.now()).toISOString();
      const { id: keyId, value: apiKey } = stand[vendor].issueKey({ name, access: value, ...organization });
      const SecretString = JSON.stringify({ apiKey, keyId, vendor, name, ...access, issuedAt });
      const version = { SecretId: arn, ClientRequestToken: versionId, SecretString, VersionStages: stages };
      await stand.aws("PutSecretValue", version);
      return { versionId, keyId, apiKey };
    },
    mark: async ({ versionId }, start) => {
      await move(`${start}${new Date(stand.clock.now()).toISOString()}`, versionId);
    },
    promote: async ({ versionId }) => {
      const { current } = stagesOf(await stand.facts(arn));
      await move("AWSCURRENT", versionId, current === undefined ? {} : { RemoveFromVersionId: current });
    },
  };
};
