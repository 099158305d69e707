import { answerWith, intercept } from "../rotation/begun.ts";
import { pictographKey, type Stand } from "../stand.ts";

/*
 * What vendors and Secrets Manager may do for good to what is minted: so that it comes to nothing, or is listed otherwise than it was asked for.
 */

export type VendorName = "pictify" | "pictograph";
export const VENDOR_NAMES = ["pictify", "pictograph"] as const satisfies readonly VendorName[];

/** What a deployment declares at a vendor. */
export const declaredAt = { pictify: {}, pictograph: pictographKey } as const;

export type Key = Readonly<Record<string, unknown>>;

const methodOf = ({ method = "GET" }: RequestInit): string => method;
const isKeys = (url: string): boolean => /\/api-keys\/?(\?|$)/.test(url);
const isList = (url: string, init: RequestInit): boolean => methodOf(init) === "GET" && isKeys(url);
const isCreate = (url: string, init: RequestInit): boolean => methodOf(init) === "POST" && isKeys(url);

const ENVELOPES = ["apiKeys", "api_keys"];

const listWith = (body: Key, change: (key: Key) => Key | undefined): Key => {
  const name = ENVELOPES.find((one) => Array.isArray(body[one]));
  return name === undefined ? body : { ...body, [name]: (body[name] as Key[]).flatMap((key) => change(key) ?? []) };
};

const answering = (
  stand: Stand,
  isMeant: (url: string, init: RequestInit) => boolean,
  change: (body: Key) => Key,
): void =>
  answerWith(stand, isMeant, async (url, init, ask) => {
    const answer = await ask(url, init);
    if (!answer.ok) return answer;
    const body = JSON.stringify(change((await answer.json()) as Key));
    return new Response(body, { status: answer.status, headers: answer.headers });
  });

/** From now on lists show keys as `change` has them; `undefined`: not at all. */
export const changeLists = (stand: Stand, change: (key: Key) => Key | undefined): void =>
  answering(stand, isList, (body) => listWith(body, change));

const changeCreates = (stand: Stand, change: (key: Key) => Key): void => answering(stand, isCreate, change);

const isMinted = ({ name }: Key): boolean => String(name).includes("-kt-");

/** The same key with another type or role. */
export const withAccess = (key: Key, type: string, role: string): Key => ({
  ...key,
  ...("type" in key ? { type } : {}),
  ...("role" in key ? { role } : {}),
});

/** Lists have words of their own for a type or role. */
export const wordAccess = (stand: Stand): void =>
  changeLists(stand, (key) => (isMinted(key) ? withAccess(key, "production", "MEMBER") : key));

/** Lists show names with something before them. */
export const wordNames = (stand: Stand): void =>
  changeLists(stand, (key) => (isMinted(key) ? { ...key, name: `prod:${key.name}` } : key));

const valuesNow = ({ pictify, pictograph }: Stand): ReadonlySet<string> =>
  new Set([...pictify.issuedValues(), ...pictograph.issuedValues()]);

const credentialOf = ({ headers }: RequestInit): string => {
  const given = new Headers(headers);
  return given.get("x-api-key") ?? given.get("authorization")?.replace("Bearer ", "") ?? "";
};

/** What a vendor answers to calls with keys that are minted from now on. */
const answerNew = (stand: Stand, answer: (url: string) => Response): void => {
  const known = valuesNow(stand);
  answerWith(
    stand,
    (_, init) => !known.has(credentialOf(init)),
    async (url) => answer(url),
  );
};

const refusal = (url: string): Response =>
  url.includes("pictify")
    ? Response.json(
        { type: "https://docs.pictify.io/errors/invalid-api-key", title: "Invalid API Key", status: 401 },
        { status: 401, headers: { "content-type": "application/problem+json" } },
      )
    : Response.json({ error: { code: "invalid_api_key", message: "revoked" } }, { status: 401 });

const edge = (): Response =>
  new Response("<html>blocked</html>", { status: 403, headers: { "content-type": "text/html" } });

const listedNoMore = (stand: Stand): void => {
  const before = new Set([...stand.pictify.keys(), ...stand.pictograph.keys()].map(({ id }) => id));
  changeLists(stand, (key) => (before.has(String(key.id)) ? key : undefined));
};

/** A call of Secrets Manager's fails from now on. */
const failing =
  (operation: string, name: string, isMeant: (input: Key) => boolean = () => true) =>
  (stand: Stand): void => {
    const $fault = name === "InternalServiceError" ? "server" : "client";
    intercept((called, call, input) =>
      called === operation && isMeant(input as Key)
        ? Promise.reject(Object.assign(new Error("no"), { name, $fault }))
        : call(),
    )(stand);
    stand.anotherService("prod");
  };

/** By what it is: why mints come to nothing from now on. */
export const IN_VAIN: Readonly<Record<string, (stand: Stand) => void>> = {
  "new keys are refused": (stand) => answerNew(stand, refusal),
  "nobody can tell whether new keys work": (stand) => answerNew(stand, edge),
  "the vendor makes something else": (stand) =>
    changeCreates(stand, (key) => withAccess(key, "restricted", "restricted")),
  "creates are answered without an id, and lists stand still": (stand) => {
    changeCreates(stand, ({ id: _, ...key }) => key);
    listedNoMore(stand);
  },
  "creates are answered without a value": (stand) => changeCreates(stand, ({ key: _, full_key: __, ...key }) => key),
  "values find no room": failing("PutSecretValue", "LimitExceededException"),
  "Secrets Manager fails to store": failing("PutSecretValue", "InternalServiceError"),
  "the function may not store": failing("PutSecretValue", "AccessDeniedException"),
  "no version becomes current": failing(
    "UpdateSecretVersionStage",
    "InternalServiceError",
    ({ VersionStage }) => VersionStage === "AWSCURRENT",
  ),
};
