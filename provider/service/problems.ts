import { UNSUPPORTED_PROTOCOL } from "../../lambdas/contracts/key-facts.ts";
import { errorProblem, type Problem, problemOf } from "../protocol/problem.ts";
import {
  BAD_ANSWER,
  FunctionError,
  NEWER_SERVICE,
  OF_FUNCTION,
  OLDER_SERVICE,
  ROLE_REFUSED,
  UNREACHABLE,
} from "./function-error.ts";
import { NotFinished } from "./patience.ts";

interface Advice {
  readonly summary: string;
  readonly next: string;
  readonly attribute?: string;
}

const UPGRADE_PROVIDER: Advice = {
  summary: "The Keyturn provider is older than the service",
  next: "Upgrade the provider: raise its version in required_providers and run terraform init -upgrade.",
};
const UPGRADE_SERVICE: Advice = {
  summary: "The Keyturn service is older than the provider",
  next: "Deploy the service with a newer version of Keyturn, or use an older version of the provider until then.",
};
const NOT_ALLOWED: Advice = {
  summary: "AWS does not allow to invoke the function",
  next: "Give the role that runs Terraform lambda:InvokeFunction on it. To plan, the function inspect is enough.",
};
const NO_CREDENTIALS: Advice = {
  summary: "AWS does not take the credentials",
  next: "Check the environment, the profile and the region with: aws sts get-caller-identity",
};

/** What each error's type means to whoever runs Terraform, and what they can do. */
const ADVICE: Readonly<Record<string, Advice>> = {
  NOT_MANAGED: {
    summary: "The secret is not a managed key of this service",
    next: "Let secret_id name a secret with the keyturn: tags of the service that the provider block names.",
    attribute: "secret_id",
  },
  ACCESS_DENIED: {
    summary: "The service may not reach the secret",
    next: "Check that the secret exists, that its name begins with keyturn/ and the service's name, and that it has the service's tag keyturn:service. Right after a first deploy, apply again.",
    attribute: "secret_id",
  },
  NOT_GRANTED: {
    summary: "The service does not grant this key",
    next: "Declare the key in the service's app, or add it to the allow list of its vendor connection, and deploy the service.",
  },
  NOT_AS_DECLARED: {
    summary: "The arguments differ from the secret's tags",
    next: "Give name, vendor, role and type here and in the secret's keyturn: tags the same values, and let the key depend on the secret.",
  },
  NOT_ITS_FUNCTION: {
    summary: "Another function rotates the secret",
    next: "Remove that rotation from the secret, or name the service whose rotation it is in the provider block.",
    attribute: "secret_id",
  },
  KEY_NOT_FOUND: {
    summary: "The vendor has no such active key, or the secret holds another",
    next: "Take the Key ID from the vendor's dashboard, and let the secret hold the value of that very key.",
    attribute: "adopt_key_id",
  },
  NO_VALUE: {
    summary: "The secret has no value",
    next: 'For an adoption store {"apiKey": "<the key\'s value>"} in it; else apply again.',
    attribute: "secret_id",
  },
  KEY_LIMIT: {
    summary: "The vendor's plan has no slot left",
    next: "Revoke a key that nobody needs (data source keyturn_api_keys shows whose they are), or take a larger plan; then apply again.",
  },
  LABEL_LIMIT: {
    summary: "Too many generations wait for their retirement",
    next: "Their targets still use old generations; see the service's alarms for the reason, and apply again when they are retired.",
  },
  GENERATION_DEAD: {
    summary: "New keys do not work at the vendor",
    next: "Declare the vendor connection's propagation as long as the vendor needs, or look at the vendor's status; then apply again.",
  },
  MINT_UNKNOWN: {
    summary: "The vendor does not say what it minted",
    next: "The message says what it answered. Look at the vendor's status and at its dashboard for keys of that name; then apply again, which looks first.",
  },
  VALUE_LOST: {
    summary: "A minted key's value was lost",
    next: "The message names the key. Revoke it at the vendor when nobody uses it, and apply again.",
  },
  NOT_AS_ASKED: {
    summary: "The vendor minted something else than it was asked for",
    next: "Use a name that the vendor keeps as it is, and a role or type that the admin key can give, and apply again.",
    attribute: "name",
  },
  IN_USE: {
    summary: "The key is in use",
    next: "Stop what uses it and apply again after the time in the message; or set force_destroy = true, apply, and destroy then.",
    attribute: "force_destroy",
  },
  DESTROYED: {
    summary: "This managed key was destroyed, or its secret is marked for deletion",
    next: "Restore a secret that is marked for deletion, or name another one. If only the key was destroyed, plan and apply again: that makes it anew.",
    attribute: "secret_id",
  },
  UNCONFIRMED: {
    summary: "The vendor does not confirm what became of the key",
    next: "Look at the key at the vendor, and apply again later: what was begun is gone on with. To destroy it all the same, revoke it there by hand, or set force_destroy = true, apply, and destroy then.",
    attribute: "force_destroy",
  },
  WRONG_ORGANIZATION: {
    summary: "The service's admin key is of another organization",
    next: "Put the admin key of the organization that has the keys back into the connection's admin secret, and apply again.",
    attribute: "vendor",
  },
  LISTING_NOT_WHOLE: {
    summary: "The vendor's list of keys is not whole",
    next: "Apply again later: the list lacks keys that work, so that nothing is decided by it.",
  },
  STORE_DENIED: {
    summary: "Secrets Manager does not let the service store a value",
    next: "Give the function's role the right, the one to the secret's KMS key included, and apply again.",
    attribute: "secret_id",
  },
  EXPIRES: {
    summary: "The key ends by itself before it could be replaced",
    next: "Take its expiry off at the vendor, or make another key, and apply again.",
    attribute: "adopt_key_id",
  },
  BAD_INPUT: {
    summary: "The service did not understand what it was asked, or was given",
    next: "Check what the message names. If it names nothing of yours, deploy service and provider from one version of Keyturn.",
  },
  VENDOR_UNAUTHORIZED: {
    summary: "The vendor does not take the service's admin key",
    next: "Put a valid admin key into the connection's admin secret, and apply again.",
  },
  VENDOR_FORBIDDEN: {
    summary: "The vendor does not allow this to the service's admin key",
    next: "Give the admin key the rights that the vendor connection needs, and apply again.",
  },
  VENDOR_NOT_FOUND: {
    summary: "The vendor does not know what it was asked about",
    next: "Check the base URL and the organization of the vendor connection, and deploy the service.",
    attribute: "vendor",
  },
  VENDOR_INVALID: {
    summary: "The vendor refuses what it was asked for",
    next: "The message says what it does not take: correct the name, role or type, and apply again.",
    attribute: "name",
  },
  VENDOR_CONFLICT: {
    summary: "The vendor's state does not allow it",
    next: "The message says why. Look at the key at the vendor, and apply again.",
  },
  VENDOR_REFUSED: {
    summary: "The vendor refuses",
    next: "The message says why. Look at the account and the plan at the vendor, and apply again.",
  },
  VENDOR_UNSUPPORTED: {
    summary: "The vendor cannot do this by its API",
    next: "Do it by hand at the vendor, as the message says, and apply again.",
  },
  ResourceNotFoundException: {
    summary: "The function does not exist",
    next: "Deploy the service, or correct the function's name, the region or the account. Keys that are there stay as they are.",
  },
  [`${OF_FUNCTION}AccessDeniedException`]: {
    summary: "AWS refuses something to the service's function",
    next: "Check the function's role against the documentation, and the policies of a KMS key that encrypts the secret. Right after a first deploy, apply again.",
  },
  [`${OF_FUNCTION}ResourceNotFoundException`]: {
    summary: "The secret is gone",
    next: "It was deleted meanwhile. Plan and apply again.",
    attribute: "secret_id",
  },
  AccessDeniedException: NOT_ALLOWED,
  UnrecognizedClientException: NO_CREDENTIALS,
  InvalidSignatureException: NO_CREDENTIALS,
  ExpiredTokenException: NO_CREDENTIALS,
  CredentialsProviderError: { ...NO_CREDENTIALS, summary: "The AWS SDK found no credentials" },
  [ROLE_REFUSED]: {
    summary: "The role of the provider block could not be assumed",
    next: "Check role_arn, and that the role's trust policy lets in who runs Terraform, with this external_id and for this duration.",
  },
  [UNREACHABLE]: {
    summary: "The function could not be asked",
    next: "Check network, proxy, region and endpoint_url, and AWS_CA_BUNDLE where a certificate is not known; then apply again. What was begun is gone on with.",
  },
  [BAD_ANSWER]: {
    summary: "The function's answer was not understood",
    next: "Check that the provider block names the service's functions inspect and manage, and that service and provider are of one version.",
  },
  [UNSUPPORTED_PROTOCOL]: UPGRADE_PROVIDER,
  [NEWER_SERVICE]: UPGRADE_PROVIDER,
  [OLDER_SERVICE]: UPGRADE_SERVICE,
};

/** Whether it is known here what a failure means, and what to do about it. */
export const hasAdvice = (code: string): boolean => code in ADVICE;

const functionProblem = ({ code, message, functionName }: FunctionError): Problem => {
  const advice = ADVICE[code] ?? {
    summary: "The Keyturn service failed",
    next: "See its log for more, and apply again.",
  };
  const attribute = "attribute" in advice && advice.attribute ? [advice.attribute] : [];
  return errorProblem(
    `${advice.summary} (${code})`,
    `${message}\n\n${advice.next}\n\nFunction: ${functionName}`,
    ...attribute,
  );
};

const unfinishedProblem = ({ why, timeoutMs, message }: NotFinished, operation: string | undefined): Problem => {
  const summary =
    why === "stopped" ? "Stopped before it was finished" : `Not finished within ${timeoutMs / 1_000} seconds`;
  const more = why === "timeout" && operation ? ` timeouts.${operation} says how long an apply waits.` : "";
  const detail = `Waiting for: ${message}\n\nNothing is lost: the next apply goes on from here.${more}`;
  return operation && why === "timeout"
    ? errorProblem(summary, detail, "timeouts", operation)
    : errorProblem(summary, detail);
};

/** @param operation the one whose timeout it was: `create`, `update` or `delete` */
export const serviceProblem = (error: unknown, operation?: string): Problem => {
  if (error instanceof FunctionError) return functionProblem(error);
  return error instanceof NotFinished ? unfinishedProblem(error, operation) : problemOf(error);
};
