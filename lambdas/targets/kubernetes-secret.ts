import type { KubernetesSecretDeclaration } from "../contracts/targets.ts";
import { objectText } from "./kubernetes/api-error.ts";
import { filesState } from "./kubernetes/files.ts";
import { ANNOTATIONS, templateAnnotation } from "./kubernetes/names.ts";
import { type SecretObject, secretObject } from "./kubernetes/objects.ts";
import { isOldRequired, oldKeyState } from "./kubernetes/old-key.ts";
import { type OwnObject, readOwn, writeOwn } from "./kubernetes/own-object.ts";
import { hasOwnerLabels } from "./kubernetes/ownership.ts";
import { rollOut, type WriteNotes } from "./kubernetes/restart.ts";
import { asNoted, beginning, type ChangeNotes, rolledOutAnnotation, wantedRollout } from "./kubernetes/rolled-out.ts";
import { observeRollouts } from "./kubernetes/rollout.ts";
import { secretPath } from "./kubernetes/rules.ts";
import { joined, onlyAdopted, withReadingNote } from "./kubernetes/state.ts";
import {
  hasCurrentValue,
  hasWantedOld,
  type SecretData,
  stampOf,
  wantedAnnotations,
  wantedData,
  writtenAtMs,
} from "./kubernetes/wanted-data.ts";
import { readWorkloads, type SeenWorkload } from "./kubernetes/workloads.ts";
import type { Target, TargetContext, TargetState } from "./target.ts";
import { TargetError } from "./target-error.ts";

/* A Kubernetes Secret, written by server-side apply. Its guide is docs/kubernetes.md. */
type Declared = KubernetesSecretDeclaration;

const pathOf = ({ namespace, name }: Declared) => secretPath(namespace, name);

const checkImmutable = (live: SecretObject | undefined, data: SecretData, target: Declared): void => {
  const isSame =
    live && hasCurrentValue(live.data, data, target.dataKey) && hasWantedOld(live.data, data, target.dataKey);
  if (!live?.immutable || isSame) return;
  throw new TargetError(
    "IMMUTABLE",
    `${objectText(pathOf(target))} is immutable, so that no value can be put into it; declare another name for it, or delete it while no pod uses it (nodes keep what was immutable), and the next pass makes it anew without the mark`,
  );
};

/** @param change what becomes of what it notes */
const objectOf = (
  { clock }: TargetContext,
  target: Declared,
  seen: readonly SeenWorkload[],
  change: ChangeNotes,
): OwnObject<SecretObject> => ({
  apiVersion: "v1",
  kind: "Secret",
  path: pathOf(target),
  schema: secretObject,
  content(live, versions) {
    const data = wantedData(target.dataKey, versions, isOldRequired(target, seen));
    checkImmutable(live, data, target);
    const annotations = wantedAnnotations(live, data, versions.current.versionId, target.dataKey, clock.now());
    return {
      annotations: { ...annotations, ...rolledOutAnnotation(live, stampOf(annotations), change) },
      fields: { data },
    };
  },
});

/** What keeps the Secret itself from being adopted, if anything does. */
const behindState = (
  live: SecretObject | undefined,
  target: Declared,
  versionId: string,
  data: SecretData,
): TargetState | undefined => {
  const what = objectText(pathOf(target));
  const behind = (reason: string): TargetState => ({ adopted: false, code: "BEHIND", reason, behind: true });
  if (!live) return behind(`${what} is not there`);
  if (live.metadata.annotations[ANNOTATIONS.version] !== versionId)
    return behind(`${what} does not have this version yet`);
  if (hasCurrentValue(live.data, data, target.dataKey)) return undefined;
  return behind(`${what} has a value that Keyturn did not put there`);
};

const judge = async (
  { versions, clock, api, owner }: TargetContext,
  target: Declared,
  live: SecretObject | undefined,
  seen: readonly SeenWorkload[],
): Promise<TargetState> => {
  const data = wantedData(target.dataKey, versions, isOldRequired(target, seen));
  const behind = behindState(live, target, versions.current.versionId, data);
  if (behind || !live) return behind ?? { adopted: false };
  const saidMs = writtenAtMs(live, clock.now());
  const writtenMs = saidMs ?? clock.now();
  const reached =
    target.restart.length === 0
      ? filesState(target, writtenMs, clock.now())
      : await observeRollouts(api, target, seen, wantedRollout(pathOf(target), live.metadata, target.name));
  const also = withReadingNote(oldKeyState(live, target, seen, versions, data), target, seen);
  const isLabelled = saidMs !== undefined && hasOwnerLabels(live.metadata, owner);
  return joined(onlyAdopted(reached, writtenMs), isLabelled ? also : { ...also, behind: true });
};

export const kubernetesSecret: Target<Declared> = {
  async apply(context, target) {
    const before = await readWorkloads(context.api, target);
    const write: WriteNotes<SecretObject> = (seen, change) =>
      writeOwn(context, objectOf(context, target, seen, change));
    const begin = beginning(before, templateAnnotation(target.name), context.clock.now());
    const begun = { written: await write(before, begin), seen: before };
    const { written, seen } = await rollOut(context, target, pathOf(target), begun, write);
    return judge(context, target, written, seen);
  },

  async observe(context, target) {
    const live = await readOwn(context, objectOf(context, target, [], asNoted));
    return judge(context, target, live, await readWorkloads(context.api, target));
  },
};
