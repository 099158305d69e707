import type * as z from "zod/mini";
import type { TargetContext, Versions } from "../target.ts";
import { TargetError } from "../target-error.ts";
import { FieldConflict, objectText } from "./api-error.ts";
import { ANNOTATIONS } from "./names.ts";
import type { Metadata } from "./objects.ts";
import { checkOwner, holdersOf, holderText, isOnceOnly, ownerLabels } from "./ownership.ts";
import type { ObjectPath } from "./rules.ts";

/*
 * One object of ours in a cluster, written by server-side apply. docs/decisions/0027 says why the newest version wins, and when
 * a value of somebody else is replaced.
 */
interface Live {
  readonly metadata: Metadata;
}

type Schema<Object extends Live> = z.ZodMiniType<Object>;

/** The content of an object for the versions that are to be there: all but name, labels and resourceVersion. */
export interface Content {
  readonly annotations: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface OwnObject<Object extends Live> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly path: ObjectPath;
  readonly schema: Schema<Object>;
  /** @throws TargetError where the live object does not take it */
  content(live: Object | undefined, versions: Versions): Content;
}

/** No object ever has it (etcd counts from 2), so that applying with it makes a new object, or fails with a conflict. */
const NOT_THERE = "1";

/** After a foreign value was replaced, another one is not for this long: two writers must not roll out workloads in turns. */
const REPAIR_REST_MS = 3_600_000;

const TRIES = 6;
const PAUSE_MS = 100;

/** The object as it is; `undefined` when it is not there. @throws TargetError NOT_OURS */
export const readOwn = async <Object extends Live>(
  { api, owner }: TargetContext,
  { schema, path }: OwnObject<Object>,
): Promise<Object | undefined> => {
  const live = await api.get(schema, path);
  if (live) checkOwner(live.metadata, path, owner);
  return live;
};

const put = <Object extends Live>(
  { api, owner }: TargetContext,
  { apiVersion, kind, path, schema }: OwnObject<Object>,
  live: Object | undefined,
  { annotations, fields }: Content,
  force: boolean,
): Promise<Object> => {
  const { name, namespace } = path;
  const resourceVersion = live?.metadata.resourceVersion ?? NOT_THERE;
  const metadata = { name, namespace, resourceVersion, labels: ownerLabels(owner), annotations };
  return api.apply(schema, path, { apiVersion, kind, metadata, ...fields }, { force, exists: live !== undefined });
};

/**
 * Whether values that other field managers hold may be replaced.
 * @throws TargetError CONFLICT with who holds which field, where they may not
 */
const checkTakeOver = (metadata: Metadata, path: ObjectPath, { fields }: FieldConflict, nowMs: number): void => {
  const holders = holdersOf(metadata, fields);
  if (!isOnceOnly(holders))
    throw new TargetError(
      "CONFLICT",
      `other field managers apply ${holderText(holders)} of ${objectText(path)}; take these fields out of what they apply, and Keyturn's next pass writes them`,
    );
  const repairedAt = metadata.annotations[ANNOTATIONS.repairedAt];
  if (repairedAt !== undefined && nowMs - Date.parse(repairedAt) < REPAIR_REST_MS)
    throw new TargetError(
      "CONFLICT",
      `${holderText(holders)} of ${objectText(path)} was changed again after Keyturn restored it at ${repairedAt}; stop what writes it`,
    );
};

/** One look and one write, which fails when anything has changed in between. */
const tryWrite = async <Object extends Live>(context: TargetContext, object: OwnObject<Object>): Promise<Object> => {
  const live = await readOwn(context, object);
  const content = object.content(live, await context.confirm(live?.metadata.annotations[ANNOTATIONS.version]));
  try {
    return await put(context, object, live, content, false);
  } catch (error) {
    if (!(error instanceof FieldConflict && live)) throw error;
    checkTakeOver(live.metadata, object.path, error, context.clock.now());
    return put(context, object, live, content, true);
  }
};

/**
 * Writes an object of ours, making it where it is not there. @returns the object as it then is
 * @throws TargetError
 */
export const writeOwn = async <Object extends Live>(
  context: TargetContext,
  object: OwnObject<Object>,
): Promise<Object> => {
  for (let tries = 1; ; tries++) {
    try {
      return await tryWrite(context, object);
    } catch (error) {
      if (!(error instanceof TargetError && error.code === "CHANGED" && tries < TRIES)) throw error;
      await context.clock.sleep(PAUSE_MS * tries);
    }
  }
};
