import { functionName } from "../../constructs/functions.ts";
import { claimsOf } from "../../lambdas/contracts/claims.ts";
import type { ObjectValue } from "../../provider/wire/value.ts";
import { createKey, removeKey, unfinishedIn } from "../../sandbox/in-process/keys.ts";
import { OTHER } from "../other-connection/other.ts";
import { SECRET_NAME } from "../stage/declared.ts";
import type { Life } from "../stage/life.ts";
import { viewSecret } from "../stage/secret-view.ts";
import { MINUTE_MS, SERVICE } from "../stage/settings.ts";
import { ACCESSES } from "../stage/vendors.ts";

/*
 * Objects of Terraform's that have the life's key, through the provider's own code. Each makes and ends them as one process of the provider does, and
 * repeats what failed, as a person repeats an apply.
 */
const FUNCTIONS = {
  inspectFunction: functionName(SERVICE, "inspect"),
  manageFunction: functionName(SERVICE, "manage"),
};

const MOST_TRIES = 240;

/** What a configuration says of the key now. `force_destroy`: that somebody uses it keeps no object from its end. */
const configFor = ({ stage: { vendor, other }, declared }: Life): ObjectValue => {
  const isThere = declared.at === "other" && other !== undefined;
  return {
    secret_id: SECRET_NAME,
    name: declared.name,
    vendor: isThere ? OTHER : vendor,
    [ACCESSES[isThere ? other.vendor : vendor].first.kind]: declared.access,
    force_destroy: true,
  };
};

const repeated = async <Result>(
  life: Life,
  what: string,
  work: () => Promise<Result>,
  onFailure: (error: unknown) => void = () => {},
): Promise<Result> => {
  const { clock, trace } = life.stage;
  for (let tries = 1; ; tries++)
    try {
      trace.tell(`Terraform ${what}`);
      return await work();
    } catch (error) {
      trace.tell(`      ${error instanceof Error ? error.message : error}`);
      onFailure(error);
      if (tries < MOST_TRIES) await clock.sleep(MINUTE_MS);
      else throw new Error(`${what} failed ${MOST_TRIES} times`, { cause: error });
    }
};

/** What a create left unfinished is replaced by the next one. */
export const makeObject = async (life: Life): Promise<ObjectValue> => {
  const unfinished: ObjectValue[] = [];
  const make = () => createKey(life.stage, FUNCTIONS, configFor(life));
  const made = await repeated(life, "makes an object", make, (error) => {
    const left = unfinishedIn(error);
    if (left) unfinished.push(left);
  });
  for (const state of unfinished) await endObject(life, state);
  return made;
};

export const endObject = (life: Life, state: ObjectValue): Promise<void> =>
  repeated(life, `ends the object ${String(state.claim)}`, () => removeKey(life.stage, FUNCTIONS, state));

/** Judges that exactly these objects hold the key, but for creates that died, and that it was not ended. */
export const judgeClaims = async ({ stage }: Life, objects: readonly ObjectValue[]): Promise<void> => {
  const view = await viewSecret(stage);
  const held = claimsOf(view?.stages ?? {}).claims.flatMap(({ id, isOpen }) => (isOpen ? [] : [id]));
  const [is, shouldBe] = [
    held.sort().join(" "),
    objects
      .map(({ claim }) => String(claim))
      .sort()
      .join(" "),
  ];
  if (is !== shouldBe)
    stage.trace.violation("a claim goes with its object", `the key is claimed by "${is}", there is "${shouldBe}"`);
  if (JSON.stringify(view?.stages ?? {}).includes("keyturn/destroyed/"))
    stage.trace.violation("a key ends with its last claim", "it was ended while an object had it");
};
