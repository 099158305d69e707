import type { ExternalSecretDeclaration } from "../contracts/targets.ts";
import { redactText } from "../redacted.ts";
import { objectText } from "./kubernetes/api-error.ts";
import { filesState } from "./kubernetes/files.ts";
import { ANNOTATIONS, newKeyOf, oldKeyOf } from "./kubernetes/names.ts";
import {
  type ExternalSecretObject,
  externalSecretObject,
  type SecretObject,
  secretObject,
} from "./kubernetes/objects.ts";
import { isOldRequired, oldKeyState } from "./kubernetes/old-key.ts";
import { type OwnObject, readOwn, writeOwn } from "./kubernetes/own-object.ts";
import { heldSinceMs } from "./kubernetes/ownership.ts";
import { observeRollouts, readWorkloads, restartWorkloads, type SeenWorkload } from "./kubernetes/rollout.ts";
import { externalSecretPath, secretPath } from "./kubernetes/rules.ts";
import { joined, onlyAdopted } from "./kubernetes/state.ts";
import { hasCurrentValue, wantedData } from "./kubernetes/wanted-data.ts";
import type { Target, TargetContext, TargetState, Versions } from "./target.ts";

/*
 * An ExternalSecret, from which the External Secrets Operator writes the Secret of the same name. Its guide is
 * docs/kubernetes.md. Written from the operator's documentation, v1.3 (API: ExternalSecret; Provider: AWS Secrets Manager).
 */
type Declared = ExternalSecretDeclaration;

const pathOf = ({ namespace, name }: Declared) => externalSecretPath(namespace, name);

interface Entry {
  readonly secretKey: string;
  readonly remoteRef: { readonly key: string; readonly property: string; readonly version: string };
}

/** Versions are named by their ids: by a label the operator could still get the one before, and would not look again for long. */
const entriesOf = (
  secretName: string,
  dataKey: string,
  { current, retiring }: Versions,
  withOld: boolean,
): readonly Entry[] => {
  const entry = (secretKey: string, versionId: string): Entry => ({
    secretKey,
    remoteRef: { key: secretName, property: "apiKey", version: `uuid/${versionId}` },
  });
  const old = retiring ?? (withOld ? current : undefined);
  return [
    entry(dataKey, current.versionId),
    entry(newKeyOf(dataKey), current.versionId),
    ...(old ? [entry(oldKeyOf(dataKey), old.versionId)] : []),
  ];
};

const objectOf = (
  { secretName }: TargetContext,
  target: Declared,
  seen: readonly SeenWorkload[],
): OwnObject<ExternalSecretObject> => ({
  apiVersion: "external-secrets.io/v1",
  kind: "ExternalSecret",
  path: pathOf(target),
  schema: externalSecretObject,
  content(_live, versions) {
    const { versionId } = versions.current;
    const { store, name, refreshMs, dataKey } = target;
    return {
      annotations: { [ANNOTATIONS.version]: versionId, [ANNOTATIONS.forceSync]: versionId },
      fields: {
        spec: {
          refreshInterval: `${refreshMs / 1_000}s`,
          secretStoreRef: store,
          target: { name, creationPolicy: "Owner" },
          data: entriesOf(secretName, dataKey, versions, isOldRequired(target, seen)),
        },
      },
    };
  },
});

const hasEntries = ({ spec }: ExternalSecretObject, wanted: readonly Entry[]): boolean =>
  spec.data.length === wanted.length &&
  wanted.every(({ secretKey, remoteRef }) =>
    spec.data.some(
      (one) =>
        one.secretKey === secretKey &&
        one.remoteRef.key === remoteRef.key &&
        one.remoteRef.version === remoteRef.version,
    ),
  );

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
  const { versions, clock, api, secretName } = context;
  const what = objectText(pathOf(target));
  const behind = (reason: string): TargetState => ({ adopted: false, code: "BEHIND", reason, behind: true });
  const withOld = isOldRequired(target, seen);
  if (!live) return behind(`${what} is not there`);
  const { versionId } = versions.current;
  if (live.metadata.annotations[ANNOTATIONS.version] !== versionId)
    return behind(`${what} does not have this version yet`);
  const isAsWanted = hasEntries(live, entriesOf(secretName, target.dataKey, versions, withOld));
  const also = isAsWanted ? {} : { behind: true };
  const secret = await readSecret(context, target);
  if (!hasValue(secret, context, target)) return joined(operatorState(live, target), also);
  const writtenMs = heldSinceMs(secret.metadata, ["data", target.dataKey]) ?? clock.now();
  const reached =
    target.restart.length === 0
      ? filesState(target, writtenMs, clock.now())
      : await observeRollouts(api, target, seen, versionId);
  const { note } = oldKeyState(secret, target, seen, versions, wantedData(target.dataKey, versions, withOld));
  return joined(onlyAdopted(reached, writtenMs), { ...also, ...(note === undefined ? {} : { note }) });
};

export const externalSecret: Target<Declared> = {
  async apply(context, target) {
    const written = await writeOwn(context, objectOf(context, target, await readWorkloads(context.api, target)));
    if (await waitForOperator(context, target))
      await restartWorkloads(context, target, context.versions.current.versionId);
    return judge(context, target, written, await readWorkloads(context.api, target));
  },

  async observe(context, target) {
    const live = await readOwn(context, objectOf(context, target, []));
    return judge(context, target, live, await readWorkloads(context.api, target));
  },
};
