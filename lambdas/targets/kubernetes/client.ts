import type * as z from "zod/mini";
import type { Clock } from "../../clock.ts";
import { read } from "../../contracts/read.ts";
import type { Turns } from "../../pool.ts";
import { Redacted } from "../../redacted.ts";
import { TargetError } from "../target-error.ts";
import { type Asked, errorOf, isObjectMissing, objectText } from "./api-error.ts";
import { FIELD_MANAGER } from "./names.ts";
import type { ObjectPath } from "./rules.ts";
import { type Budget, withTimeLimit } from "./time-limit.ts";
import type { ClusterAnswer, ClusterEndpoint, ClusterRequest, ClusterSend } from "./transport.ts";

/** The calls that Keyturn makes of an API server. Each may be repeated; what is put to it is put with a condition. */
export interface KubernetesApi {
  /** `undefined` when there is no such object. */
  get<Schema extends z.ZodMiniType>(schema: Schema, object: ObjectPath): Promise<z.output<Schema> | undefined>;
  /** One page of the objects that a label selector finds. */
  list<Schema extends z.ZodMiniType>(
    schema: Schema,
    object: ObjectPath,
    query: { readonly labelSelector: string; readonly continue: string },
  ): Promise<z.output<Schema>>;
  /**
   * Server-side apply as the field manager `keyturn`. @param body the object; what is `Redacted` in it is sent as it is
   * @throws FieldConflict when another manager holds a field, and `force` is not set
   */
  apply<Schema extends z.ZodMiniType>(
    schema: Schema,
    object: ObjectPath,
    body: object,
    options: { readonly force: boolean; readonly exists: boolean },
  ): Promise<z.output<Schema>>;
  /** Merges `patch` into an object. `undefined` when there is no such object. */
  merge<Schema extends z.ZodMiniType>(
    schema: Schema,
    object: ObjectPath,
    patch: object,
  ): Promise<z.output<Schema> | undefined>;
}

export interface ClientOptions {
  readonly endpoint: ClusterEndpoint;
  readonly send: ClusterSend;
  readonly clock: Clock;
  readonly budget: Budget;
  /** False: each call is made once. For a cluster that was found away a moment ago. */
  readonly isPatient: () => boolean;
  /** Of all clients of a cluster, how many pages of a list are in memory at once. */
  readonly pageTurns: Turns;
}

/** The longest that one try may take. */
const TRY_MS = 10_000;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 4_000;
/** How many objects a page has: of pods with much in their annotations it is a few megabytes, of which a function has 256. */
const PAGE = 100;

/** Errors of a TLS handshake that no second try makes good. */
const UNTRUSTED = /^(CERT_|ERR_TLS_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_SSL_)/;

const urlOf = ({ group, version, resource, namespace, name }: ObjectPath): string => {
  const root = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  return `${root}/namespaces/${namespace}/${resource}${name === "" ? "" : `/${name}`}`;
};

/** The JSON of an object, with what is redacted in it as it is. */
const revealedJson = (body: object): Redacted =>
  new Redacted(
    JSON.stringify(body, function (this: Record<string, unknown>, key: string, value: unknown) {
      const own = this[key];
      return own instanceof Redacted ? own.reveal() : value;
    }),
  );

const codeOf = (cause: unknown): string => {
  const code = (cause as { code?: unknown } | undefined)?.code;
  return typeof code === "string" ? code : "no answer";
};

const unreachable = (server: string, cause: unknown): TargetError => {
  const code = codeOf(cause);
  const host = new URL(server).host;
  if (UNTRUSTED.test(code))
    return new TargetError(
      "BAD_ACCESS",
      `the certificate of ${host} is not one that the cluster's authority stands for (${code})`,
      { cause },
    );
  return new TargetError("UNREACHABLE", `the API server at ${host} cannot be reached (${code})`, { cause });
};

/** An answer without the token that was sent: a proxy may quote it. */
const withoutToken = ({ token }: ClusterEndpoint, answer: ClusterAnswer): ClusterAnswer =>
  token ? { ...answer, body: new Redacted(answer.body.reveal().replaceAll(token.reveal(), "[redacted]")) } : answer;

export const createClient = (options: ClientOptions): KubernetesApi => {
  const { endpoint, send, clock, budget, isPatient, pageTurns } = options;

  const tryOnce = async (request: Omit<ClusterRequest, "signal">, asked: Asked): Promise<ClusterAnswer> => {
    const limitMs = Math.min(TRY_MS, budget.remainingMs());
    if (limitMs <= 0 || budget.signal.aborted)
      throw new TargetError("NO_TIME", `${objectText(asked.object)} was not asked for: the time is over`);
    return withTimeLimit(clock, limitMs, budget.signal, async (signal) => {
      try {
        return await send(endpoint, { ...request, signal });
      } catch (cause) {
        if (signal.aborted)
          throw new TargetError(
            "TIMEOUT",
            `the API server did not answer for ${objectText(asked.object)} within ${Math.round(limitMs / 1_000)} s`,
            { cause },
          );
        throw unreachable(endpoint.server, cause);
      }
    });
  };

  /** An answer that is no success of its own is an error, but one that the caller understands. */
  const ask = async (
    request: Omit<ClusterRequest, "signal">,
    asked: Asked,
    isUnderstood: (answer: ClusterAnswer) => boolean = () => false,
  ): Promise<ClusterAnswer> => {
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
      try {
        const answer = await tryOnce(request, asked);
        if ((answer.status >= 200 && answer.status < 300) || isUnderstood(answer)) return answer;
        throw errorOf(withoutToken(endpoint, answer), asked);
      } catch (error) {
        if (!(error instanceof TargetError && error.retryable && isPatient())) throw error;
        const pauseMs = error.retryAfterMs ?? waitMs;
        if (pauseMs >= budget.remainingMs()) throw error;
        await clock.sleep(pauseMs, budget.signal);
        if (budget.signal.aborted) throw error;
      }
    }
  };

  const bodyOf = <Schema extends z.ZodMiniType>(
    schema: Schema,
    answer: ClusterAnswer,
    { object }: Asked,
  ): z.output<Schema> => {
    let value: unknown;
    try {
      value = JSON.parse(answer.body.reveal());
    } catch {
      throw new TargetError(
        "UNAVAILABLE",
        `the answer for ${objectText(object)} is not JSON: is the address that of an API server?`,
      );
    }
    return read(schema, value, `the API server's ${objectText(object)}`);
  };

  return {
    async get(schema, object) {
      const asked: Asked = { object, verbs: ["get"] };
      const answer = await ask({ method: "GET", path: urlOf(object) }, asked, (one) => isObjectMissing(one, object));
      return answer.status === 404 ? undefined : bodyOf(schema, answer, asked);
    },

    async list(schema, object, query) {
      const asked: Asked = { object, verbs: ["list"] };
      const parameters = new URLSearchParams({ limit: String(PAGE), labelSelector: query.labelSelector });
      if (query.continue !== "") parameters.set("continue", query.continue);
      const request = { method: "GET", path: `${urlOf(object)}?${parameters}` } as const;
      return pageTurns(async () => bodyOf(schema, await ask(request, asked), asked));
    },

    async apply(schema, object, body, { force, exists }) {
      const asked: Asked = { object, verbs: exists ? ["patch"] : ["create", "patch"] };
      const parameters = new URLSearchParams({ fieldManager: FIELD_MANAGER, force: String(force) });
      const request = {
        method: "PATCH",
        path: `${urlOf(object)}?${parameters}`,
        contentType: "application/apply-patch+yaml",
        body: revealedJson(body),
      } as const;
      return bodyOf(schema, await ask(request, asked), asked);
    },

    async merge(schema, object, patch) {
      const asked: Asked = { object, verbs: ["patch"] };
      const request = {
        method: "PATCH",
        path: `${urlOf(object)}?${new URLSearchParams({ fieldManager: FIELD_MANAGER })}`,
        contentType: "application/merge-patch+json",
        body: revealedJson(patch),
      } as const;
      const answer = await ask(request, asked, (one) => isObjectMissing(one, object));
      return answer.status === 404 ? undefined : bodyOf(schema, answer, asked);
    },
  };
};
