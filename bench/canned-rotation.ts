import { Readable } from "node:stream";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { declarationTags } from "../lambdas/contracts/declaration.ts";
import { generationOf, keyName, serviceId } from "../lambdas/contracts/key-name.ts";
import { ACCESSES, ADMIN_SECRET, declarationFor, SERVICE, tagList, type VendorName } from "./declared.ts";

/*
 * One rotation whose every answer is written beforehand, so that it takes no time: the real client of the SDK with a request
 * handler that answers by itself, and a `fetch` that does. Left out: all that a rotation of one key does not ask for.
 */
const REGION = "us-east-1";
export const FUNCTION_ARN = `arn:aws:lambda:${REGION}:000000000000:function:keyturn-${SERVICE}-rotate`;
const SECRET_ARN = `arn:aws:secretsmanager:${REGION}:000000000000:secret:keyturn/${SERVICE}/web-AbCdEf`;
const CURRENT_VERSION = "11111111-1111-4111-8111-111111111111";
export const TOKEN = "22222222-2222-4222-8222-222222222222";
const VALUE = `pk_live_${"x".repeat(32)}`;
const KEY_ID = "0b7f4cf5-0000-4000-8000-000000000001";
/** Long past, so that nobody waits for the key to become known. */
const ISSUED = "2026-01-01T00:00:00.000Z";

interface CannedAnswer {
  readonly statusCode: number;
  readonly text: string;
}

const ok = (body: object): CannedAnswer => ({ statusCode: 200, text: JSON.stringify(body) });

const NOT_FOUND: CannedAnswer = {
  statusCode: 400,
  text: JSON.stringify({ __type: "ResourceNotFoundException", Message: "Secrets Manager can't find it." }),
};

const described = (vendor: VendorName): CannedAnswer =>
  ok({
    ARN: SECRET_ARN,
    Name: `keyturn/${SERVICE}/web`,
    RotationEnabled: true,
    RotationLambdaARN: FUNCTION_ARN,
    CreatedDate: 1_767_225_600,
    Tags: tagList(declarationTags(declarationFor(vendor, "web"))),
    VersionIdsToStages: { [CURRENT_VERSION]: ["AWSCURRENT"], [TOKEN]: ["AWSPENDING"] },
  });

/** Secrets Manager's answers: a value is there once it was put. */
const secretsManagerAnswers = (vendor: VendorName) => {
  const facts = described(vendor);
  const admin = ok({ SecretString: JSON.stringify({ apiKey: VALUE }) });
  const done = ok({});
  let stored: CannedAnswer = NOT_FOUND;
  return {
    reset: () => {
      stored = NOT_FOUND;
    },
    answer(operation: string, body: string): CannedAnswer {
      if (operation === "DescribeSecret") return facts;
      if (operation === "GetSecretValue") return body.includes(ADMIN_SECRET) ? admin : stored;
      if (operation === "PutSecretValue") {
        const { SecretString } = JSON.parse(body) as { readonly SecretString: string };
        stored = ok({ SecretString });
      }
      return done;
    },
  };
};

interface HandledRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** The SDK's own client: it builds, signs and sends each request, and reads each answer, that no network carries. */
const cannedClient = (answer: (operation: string, body: string) => CannedAnswer): SecretsManagerClient =>
  new SecretsManagerClient({
    region: REGION,
    credentials: { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "example" },
    requestHandler: {
      handle: async ({ headers, body }: HandledRequest) => {
        const { statusCode, text } = answer(headers["x-amz-target"]?.split(".")[1] ?? "", Buffer.from(body).toString());
        const type = { "content-type": "application/x-amz-json-1.1" };
        return { response: { statusCode, headers: type, body: Readable.from([Buffer.from(text)]) } };
      },
    } as never,
  });

const listedOf = (vendor: VendorName, name: string): object => {
  const { value } = ACCESSES[vendor];
  return vendor === "pictify"
    ? { id: "key_1", name, type: value, createdAt: ISSUED, lastUsedAt: null, status: "Active" }
    : { id: "key_1", name, role: value, created_at: ISSUED, last_used_at: null, is_active: true };
};

const minted = (vendor: VendorName, name: string): object => {
  const { value } = ACCESSES[vendor];
  return vendor === "pictify"
    ? { id: KEY_ID, name, type: value, key: VALUE, createdAt: ISSUED }
    : { id: KEY_ID, name, role: value, key: VALUE, created_at: ISSUED };
};

/** A vendor with one other key, whose answers are there at once. */
const cannedVendor = (vendor: VendorName): typeof fetch => {
  const id = serviceId(SERVICE, FUNCTION_ARN);
  const listed = [listedOf(vendor, keyName("web", id, generationOf(CURRENT_VERSION)))];
  const list = JSON.stringify(
    vendor === "pictify" ? { apiKeys: listed, pagination: { hasNext: false } } : { api_keys: listed },
  );
  const created = JSON.stringify(minted(vendor, keyName("web", id, generationOf(TOKEN))));
  return (async (_url: string, init: RequestInit) =>
    new Response(init.method === "POST" ? created : list, {
      headers: { "content-type": "application/json" },
    })) as typeof fetch;
};

export interface CannedWorld {
  readonly client: SecretsManagerClient;
  readonly fetch: typeof fetch;
  /** Makes the next rotation the first one again. */
  reset(): void;
}

export const cannedWorld = (vendor: VendorName): CannedWorld => {
  const { answer, reset } = secretsManagerAnswers(vendor);
  return { client: cannedClient(answer), fetch: cannedVendor(vendor), reset };
};

export const rotationEvent = (Step: string) => ({ Step, SecretId: SECRET_ARN, ClientRequestToken: TOKEN });
