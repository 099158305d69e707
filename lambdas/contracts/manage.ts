import * as z from "zod/mini";
import { CLAIM_FORM } from "./claims.ts";
import { keyFacts } from "./key-facts.ts";
import { NAME_FORM } from "./key-name.ts";

const text = z.string().check(z.minLength(1));
const flag = z.optional(z.boolean());
const protocol = z.int().check(z.minimum(0));

/** What a caller believes to be declared. `manage` refuses what the secret's tags say otherwise. */
export const expectedKey = z.object({
  name: z.string().check(z.regex(NAME_FORM)),
  connection: z.string().check(z.regex(NAME_FORM)),
  role: z.optional(text),
  type: z.optional(text),
});
export type ExpectedKey = z.output<typeof expectedKey>;

/**
 * Who asks a second time for the same: then a mint waits while the last ones came to nothing, which whoever asks for the first time never does.
 * `automatic`: `reconcile` asks by itself, so that one more that comes to nothing is no failure of the request. `again`: the caller repeats a request
 * until it has what it was told to get.
 */
const repeating = { automatic: flag, again: flag };

const claimId = z.string().check(z.regex(CLAIM_FORM));

/**
 * The Terraform object that asks, by its claim on the key. `isOpen`: it is being made, and nobody has its answer yet. `was`: the claim that it
 * had until now. A caller that names none has the unnamed claim.
 */
export const objectClaim = z.object({ id: claimId, isOpen: flag, was: z.optional(claimId) });
export type ObjectClaim = z.output<typeof objectClaim>;

/** The Terraform provider says its protocol and what it expects; a person and `reconcile` may leave both out. */
const target = {
  protocol: z.optional(protocol),
  secretId: text,
  expected: z.optional(expectedKey),
  claim: z.optional(objectClaim),
};

/**
 * What `manage` is asked. Each may be repeated at any time, and answers with the facts of the key as it then is; where they
 * are not yet as asked, the caller repeats it later. Unknown fields are ignored: a newer caller may send more.
 */
export const keyCommand = z.discriminatedUnion("action", [
  /**
   * There is one verified current generation as declared, whatever is there now. `revive`: also of a key that was destroyed;
   * who declares a key again says so, a late repair never does. `newOrganization`: a person moves the connection to another
   * organization of the vendor; the key is minted there, although its present one works and is not listed there.
   */
  z.object({ ...target, action: z.literal("ensure"), revive: flag, newOrganization: flag, ...repeating }),
  /** The current generation has the declared name and access: in place where the vendor can, by a rotation where it cannot. */
  z.object({ ...target, action: z.literal("update"), ...repeating }),
  /** The current generation is the vendor's key of this id, whose value the secret has already. */
  z.object({ ...target, action: z.literal("adopt"), keyId: text, again: flag }),
  /**
   * A generation is no secret any more: it is replaced at once and revoked without an overlap. By its key or version id; the
   * current one where neither is said. `first`: it is revoked before its replacement works, which is an outage.
   */
  z.object({
    ...target,
    action: z.literal("compromised"),
    keyId: z.optional(text),
    versionId: z.optional(text),
    first: flag,
  }),
  /**
   * The object's claim is taken away. With the last one every generation is revoked, and none is minted again. `force`: also what is in use.
   */
  z.object({ ...target, action: z.literal("delete"), force: flag }),
  /** Nothing but the claim is written: an object has its answer, or takes a name. Asked only of a service that tells claims. */
  z.object({ ...target, action: z.literal("claim"), claim: objectClaim }),
  /** The claim of an object that is no more, such as that of a lost state, is taken away. The key lives on. */
  z.object({ ...target, action: z.literal("release"), claim: claimId }),
]);
export type KeyCommand = z.output<typeof keyCommand>;

/** Who asks: somebody, for the first time; the same again; or nobody. */
export type Asker = "somebody" | "again" | "nobody";

export const askerOf = ({
  automatic,
  again,
}: {
  automatic?: boolean | undefined;
  again?: boolean | undefined;
}): Asker => (automatic ? "nobody" : again ? "again" : "somebody");
export type KeyCommandOf<Action extends KeyCommand["action"]> = Extract<KeyCommand, { action: Action }>;

/**
 * What `manage` answers: one key's facts. A secret that is gone has the status `destroyed` and little else, and so has a key that lives on for
 * others when an object's claim on it was taken away: `claims` names them.
 */
export const keyAnswer = z.extend(keyFacts, {
  protocol,
  /** What of the request is still under way, so that the caller asks again. Not there: nothing. */
  waitsFor: z.optional(text),
});
export type KeyAnswer = z.output<typeof keyAnswer>;
