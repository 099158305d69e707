import type { ExternalSecretDeclaration } from "../contracts/targets.ts";
import { redactText } from "../redacted.ts";
import { objectText } from "./kubernetes/api-error.ts";
import { externalSecretAnnotations, isAsWanted, wantedSpec } from "./kubernetes/external-secret-spec.ts";
import { filesState } from "./kubernetes/files.ts";
import { ANNOTATIONS } from "./kubernetes/names.ts";
import {
  type ExternalSecretObject,
  externalSecretObject,
  type SecretObject,
  secretObject,
} from "./kubernetes/objects.ts";
import { isOldRequired, oldKeyState } from "./kubernetes/old-key.ts";
import { type OwnObject, readOwn, writeOwn } from "./kubernetes/own-object.ts";
import { checkOwner, hasOwnerLabels, heldSinceMs } from "./kubernetes/ownership.ts";
import { observeRollouts, readWorkloads, restartWorkloads, type SeenWorkload } from "./kubernetes/rollout.ts";
import { externalSecretPath, secretPath } from "./kubernetes/rules.ts";
import { joined, onlyAdopted } from "./kubernetes/state.ts";
import { hasCurrentValue, stampOf, wantedData } from "./kubernetes/wanted-data.ts";
import type { Target, TargetContext, TargetState } from "./target.ts";

/*
 * An ExternalSecret, from which the External Secrets Operator writes the Secret of the same name. Its guide is
 * docs/kubernetes.md.
 */
type Declared = ExternalSecretDeclaration;

const pathOf = ({ namespace, name }: Declared) => externalSecretPath(namespace, name);

const objectOf = (
  { secretName, clock }: TargetContext,
  target: Declared,
  seen: readonly SeenWorkload[],
): OwnObject<ExternalSecretObject> => ({
  apiVersion: "external-secrets.io/v1",
  kind: "ExternalSecret",
  path: pathOf(target),
  schema: externalSecretObject,
  content(live, versions) {
    const { versionId } = versions.current;
    const spec = wantedSpec(secretName, target, versions, isOldRequired(target, seen));
    return {
      annotations: externalSecretAnnotations(live, spec, versionId, target.dataKey, clock.now()),
      fields: { spec },
    };
  },
});

/** Why the operator has not written the value yet, by the condition that it documents. */
const operatorState = ({ status }: ExternalSecretObject, target: Declared): TargetState => {
  const ready = status.conditions.find(({ type }) => type === "Ready");
  const what = objectText(pathOf(target));
  if (ready?.status !== "False")
    return {
      adopted: false,
      code: "WAITING",
      reason: `the operator has not written the Secret of ${what} with this version yet`,
    };
  const message = redactText(ready.message).slice(0, 200);
  return {
    adopted: false,
    code: "STUCK",
    reason: `the operator cannot write the Secret of ${what}: ${ready.reason}: ${message}`,
  };
};

const readSecret = ({ api }: TargetContext, { namespace, name }: Declared): Promise<SecretObject | undefined> =>
  api.get(secretObject, secretPath(namespace, name));

/**
 * Sees to it that the operator, which takes over what is there, writes no Secret of somebody else: it has to be the operator's
 * by this ExternalSecret, or Keyturn's by its labels.
 * @throws TargetError NOT_OURS
 */
const checkSecret = async (context: TargetContext, target: Declared): Promise<void> => {
  const secret = await readSecret(context, target);
  const isOperators = secret?.metadata.ownerReferences.some(
    ({ kind, name }) => kind === "ExternalSecret" && name === target.name,
  );
  if (secret && !isOperators) checkOwner(secret.metadata, secretPath(target.namespace, target.name), context.owner);
};

const hasValue = (
  secret: SecretObject | undefined,
  { versions }: TargetContext,
  { dataKey }: Declared,
): secret is SecretObject =>
  secret !== undefined && hasCurrentValue(secret.data, wantedData(dataKey, versions, false), dataKey);

const POLL_MS = 1_000;
/** How long the operator is waited for; after it the next pass goes on. */
const PATIENCE_MS = 30_000;

/** Waits until the operator has written the value. True when it has. */
const waitForOperator = async (context: TargetContext, target: Declared): Promise<boolean> => {
  const endMs = context.clock.now() + Math.min(PATIENCE_MS, context.remainingMs() - 2 * POLL_MS);
  for (;;) {
    if (hasValue(await readSecret(context, target), context, target)) return true;
    if (context.clock.now() >= endMs) return false;
    await context.clock.sleep(POLL_MS);
  }
};

const judge = async (
  context: TargetContext,
  target: Declared,
  live: ExternalSecretObject | undefined,
  seen: readonly SeenWorkload[],
): Promise<TargetState> => {
  const { versions, clock, api, owner, secretName } = context;
  const what = objectText(pathOf(target));
  const behind = (reason: string): TargetState => ({ adopted: false, code: "BEHIND", reason, behind: true });
  const withOld = isOldRequired(target, seen);
  if (!live) return behind(`${what} is not there`);
  const { versionId } = versions.current;
  if (live.metadata.annotations[ANNOTATIONS.version] !== versionId)
    return behind(`${what} does not have this version yet`);
  const isRight =
    isAsWanted(live, wantedSpec(secretName, target, versions, withOld)) && hasOwnerLabels(live.metadata, owner);
  const also = isRight ? {} : { behind: true };
  const secret = await readSecret(context, target);
  if (!hasValue(secret, context, target)) return joined(operatorState(live, target), also);
  const writtenMs = heldSinceMs(secret.metadata, ["data", target.dataKey]) ?? clock.now();
  const reached =
    target.restart.length === 0
      ? filesState(target, writtenMs, clock.now())
      : await observeRollouts(api, target, seen, stampOf(live.metadata.annotations));
  const { note } = oldKeyState(secret, target, seen, versions, wantedData(target.dataKey, versions, withOld));
  return joined(onlyAdopted(reached, writtenMs), { ...also, ...(note === undefined ? {} : { note }) });
};

export const externalSecret: Target<Declared> = {
  async apply(context, target) {
    const before = await readWorkloads(context.api, target);
    await checkSecret(context, target);
    const written = await writeOwn(context, objectOf(context, target, before));
    const isWritten = await waitForOperator(context, target);
    const stamp = stampOf(written.metadata.annotations);
    return judge(context, target, written, isWritten ? await restartWorkloads(context, target, before, stamp) : before);
  },

  async observe(context, target) {
    const live = await readOwn(context, objectOf(context, target, []));
    return judge(context, target, live, await readWorkloads(context.api, target));
  },
};
