import type { ExternalSecretDeclaration } from "../contracts/targets.ts";
import { redactText } from "../redacted.ts";
import { objectText } from "./kubernetes/api-error.ts";
import { externalSecretAnnotations, isAsWanted, wantedSpec } from "./kubernetes/external-secret-spec.ts";
import { filesState } from "./kubernetes/files.ts";
import { ANNOTATIONS, templateAnnotation } from "./kubernetes/names.ts";
import {
  type ExternalSecretObject,
  externalSecretObject,
  type SecretObject,
  secretObject,
} from "./kubernetes/objects.ts";
import { isOldRequired, oldKeyState } from "./kubernetes/old-key.ts";
import { type OwnObject, readOwn, writeOwn } from "./kubernetes/own-object.ts";
import { checkOwner, hasOwnerLabels, heldSinceMs } from "./kubernetes/ownership.ts";
import { rollOut, type WriteNotes } from "./kubernetes/restart.ts";
import { asNoted, beginning, type ChangeNotes, rolledOutAnnotation, wantedRollout } from "./kubernetes/rolled-out.ts";
import { observeRollouts } from "./kubernetes/rollout.ts";
import { externalSecretPath, secretPath } from "./kubernetes/rules.ts";
import { joined, onlyAdopted, withReadingNote } from "./kubernetes/state.ts";
import { hasCurrentValue, stampOf, wantedData } from "./kubernetes/wanted-data.ts";
import { readWorkloads, type SeenWorkload, unmarkedOf } from "./kubernetes/workloads.ts";
import type { Target, TargetContext, TargetState } from "./target.ts";

/*
 * An ExternalSecret, from which the External Secrets Operator writes the Secret of the same name. Its guide is
 * docs/kubernetes.md.
 */
type Declared = ExternalSecretDeclaration;

const pathOf = ({ namespace, name }: Declared) => externalSecretPath(namespace, name);

/** @param change what becomes of what it notes */
const objectOf = (
  { secretName, clock }: TargetContext,
  target: Declared,
  seen: readonly SeenWorkload[],
  change: ChangeNotes,
): OwnObject<ExternalSecretObject> => ({
  apiVersion: "external-secrets.io/v1",
  kind: "ExternalSecret",
  path: pathOf(target),
  schema: externalSecretObject,
  content(live, versions) {
    const { versionId } = versions.current;
    const spec = wantedSpec(secretName, target, versions, isOldRequired(target, seen));
    const annotations = externalSecretAnnotations(live, spec, versionId, target.dataKey, clock.now());
    return {
      annotations: { ...annotations, ...rolledOutAnnotation(live, stampOf(annotations), change) },
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
 * @returns what is there
 * @throws TargetError NOT_OURS
 */
const checkSecret = async (context: TargetContext, target: Declared): Promise<SecretObject | undefined> => {
  const secret = await readSecret(context, target);
  const isOperators = secret?.metadata.ownerReferences.some(
    ({ kind, name }) => kind === "ExternalSecret" && name === target.name,
  );
  if (secret && !isOperators) checkOwner(secret.metadata, secretPath(target.namespace, target.name), context.owner);
  return secret;
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
      : await observeRollouts(api, target, seen, wantedRollout(pathOf(target), live.metadata, target.name));
  const old = oldKeyState(secret, target, seen, versions, wantedData(target.dataKey, versions, withOld));
  const { note } = withReadingNote(old, target, seen);
  return joined(onlyAdopted(reached, writtenMs), { ...also, ...(note === undefined ? {} : { note }) });
};

export const externalSecret: Target<Declared> = {
  async apply(context, target) {
    const before = await readWorkloads(context.api, target);
    const write: WriteNotes<ExternalSecretObject> = (seen, change) =>
      writeOwn(context, objectOf(context, target, seen, change));
    const beginningOf = (seen: readonly SeenWorkload[]) =>
      beginning(seen, templateAnnotation(target.name), context.clock.now());
    const isThere = hasValue(await checkSecret(context, target), context, target);
    const asked = { seen: before, written: await write(before, isThere ? beginningOf(before) : asNoted) };
    if (!(await waitForOperator(context, target))) return judge(context, target, asked.written, before);
    const { mark } = wantedRollout(pathOf(target), asked.written.metadata, target.name);
    /** Nothing is noted to begin before the value is there to begin with, and nothing that was read long before. */
    const noted = async () => {
      const fresh = await readWorkloads(context.api, target);
      return { seen: fresh, written: await write(fresh, beginningOf(fresh)) };
    };
    const begun = isThere || unmarkedOf(before, mark).length === 0 ? asked : await noted();
    const { written, seen } = await rollOut(context, target, pathOf(target), begun, write);
    return judge(context, target, written, seen);
  },

  async observe(context, target) {
    const live = await readOwn(context, objectOf(context, target, [], asNoted));
    return judge(context, target, live, await readWorkloads(context.api, target));
  },
};
