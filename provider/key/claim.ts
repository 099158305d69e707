import { UNNAMED } from "../../lambdas/contracts/claims.ts";
import { durationText } from "../../lambdas/contracts/duration.ts";
import type { ClaimFacts } from "../../lambdas/contracts/key-facts.ts";
import type { ObjectClaim } from "../../lambdas/contracts/manage.ts";
import { errorProblem, type Problem, warningProblem } from "../protocol/problem.ts";
import { type ObjectValue, textOf } from "../wire/value.ts";

/** The claim of an imported object: none is written yet, and the next apply writes one. */
export const NOT_YET = "";

/** The object's claim, where it has one with a name. */
export const claimOf = (state: ObjectValue): string | undefined => textOf(state.claim) || undefined;

export const isImported = (state: ObjectValue): boolean => state.claim === NOT_YET;

/** The claim that an object gives up: one that was imported and not applied since holds none, and takes nobody else's away. */
export const claimToGiveUp = (state: ObjectValue, newClaim: () => string): ObjectClaim | undefined => {
  const id = isImported(state) ? newClaim() : claimOf(state);
  return id === undefined ? undefined : { id };
};

/** What a first claim with a name takes the place of: an object from before claims had names has the unnamed one. */
export const firstClaim = (id: string, prior: ObjectValue): ObjectClaim =>
  isImported(prior) ? { id } : { id, was: UNNAMED };

const DAY_MS = 24 * 3_600_000;

const ageOf = ({ since }: ClaimFacts, nowMs: number): string => {
  if (since === undefined) return "since before claims had names";
  const ageMs = Math.max(0, nowMs - Date.parse(since));
  const days = Math.floor(ageMs / DAY_MS);
  return days > 0
    ? `for ${days} ${days === 1 ? "day" : "days"}`
    : `for ${durationText(Math.floor(ageMs / 1_000) * 1_000)}`;
};

interface Told {
  readonly secretArn: string;
  readonly secretName: string;
  readonly manageFunction: string;
  readonly nowMs: number;
}

const commandFor = ({ id }: ClaimFacts, { secretArn, manageFunction }: Told): string =>
  `aws lambda invoke --function-name ${manageFunction} --cli-binary-format raw-in-base64-out --payload '${JSON.stringify({ action: "release", secretId: secretArn, claim: id })}' /dev/stdout`;

const lineFor = (claim: ClaimFacts, told: Told): string =>
  `- ${claim.id}, ${ageOf(claim, told.nowMs)}${claim.isOpen ? ", which is being made" : ""}. If it is no more, as where its state was lost, drop the claim:\n  ${commandFor(claim, told)}`;

const list = (claims: readonly ClaimFacts[], told: Told): string => claims.map((one) => lineFor(one, told)).join("\n");

/** An object was destroyed, and its key was not, for others claim it. */
export const livesOn = (claims: readonly ClaimFacts[], told: Told): Problem =>
  warningProblem(
    "The key lives on: other objects claim it",
    `${told.secretName} is claimed by other objects of Terraform's, so that its key was not revoked. It ends with the last of them:\n${list(claims, told)}`,
  );

/** An object was made, or imported, and others claim its key. */
export const sharedWith = (claims: readonly ClaimFacts[], told: Told): Problem =>
  warningProblem(
    "Other objects claim this key",
    `${told.secretName} is claimed by other objects of Terraform's as well. An object that this apply replaces gives its claim up in a moment; what else claims the key is at another address or in another state, or was lost with one. The key ends with its last claim, and each object may change it:\n${list(claims, told)}`,
  );

/** @param arn the secret of which a plan ends one object and makes another */
export const renamedProblem = (arn: string): Problem =>
  errorProblem(
    "This plan ends a key and makes it anew under another address",
    `One address is destroyed and another one is created with the secret ${arn}. The destroy could revoke the key that workloads use. If the address was renamed, say so, and nothing is to be done to the key:\n\nmoved {\n  from = keyturn_api_key.<the address that is destroyed>\n  to   = keyturn_api_key.<the address that is created>\n}\n\nTo have another generation made, use terraform apply -replace with the address. To end the key and make it again, destroy it in an apply of its own before. Where Terraform calls the destroyed object deposed, an apply was cut off: terraform state rm with its address, and terraform import with that address and the secret's ARN, take the key back.`,
  );

/** @param arn the secret of which a state from before claims has two objects, and a plan ends one */
export const sharedUnnamedProblem = (arn: string): Problem =>
  errorProblem(
    "This plan ends one of two objects that have the same claim on a key",
    `The state has two objects of the secret ${arn} from before claims had names, such as one that a refused replacement left deposed. To end one of them would end the key for both. Take them out, which does nothing to the key, and bring one back, with the address that is in the configuration:\n\nterraform state rm keyturn_api_key.<address>\nterraform import keyturn_api_key.<address> ${arn}`,
  );

/** @param arn the secret of which a plan ends one object, while another one was imported */
export const endsBeforeImportedProblem = (arn: string): Problem =>
  errorProblem(
    "This plan ends a key before an imported object has its claim",
    `One object of the secret ${arn} is destroyed, while another one was imported and has no claim on the key before this plan is applied, so that the destroy could revoke the key. If the address was renamed, a moved block does it, without an import; else take the old object out of the state with terraform state rm, which does nothing to the key.`,
  );
