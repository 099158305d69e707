import type { ModelParameters } from "../../../sandbox/secrets-manager/index.ts";
import { createStand, type Stand, type StandOptions } from "../stand.ts";

export interface Begun {
  readonly stand: Stand;
  readonly arn: string;
  /** The version that waits: it has AWSPENDING and no value. */
  readonly token: string;
  /** Delivers one step of the rotation. */
  step(name: string, event?: object): Promise<{ answer?: unknown; error?: string }>;
}

/** AWS delivers no step by itself, so that the test does. */
const QUIET: Partial<ModelParameters> = { retryDelaysMs: [], reattemptEveryMs: null };

/**
 * A deployed key and a rotation that waits for its first step.
 * @param change is done to the stand before its functions start, such as something in the way to AWS
 */
export const begun = async (
  options: StandOptions = {},
  declaration: Parameters<Stand["deploy"]>[0] = {},
  change: (stand: Stand) => void = () => {},
  token: string = "0".repeat(32),
): Promise<Begun> => {
  const stand = await createStand({ ...options, parameters: { ...QUIET, ...options.parameters } });
  const arn = await stand.deploy(declaration);
  const { functions, secretsManager } = stand.account;
  const name = stand.functions.rotate;
  const handler = () => Promise.reject(new Error("not yet"));
  functions.create({ name, timeoutMs: 1, secretsManagerMayInvoke: true, handler });
  const rotating = stand.aws("RotateSecret", { SecretId: arn, ClientRequestToken: token });
  await stand.clock.run(rotating.then(() => secretsManager.idle()));
  change(stand);
  stand.anotherService("prod");
  const step: Begun["step"] = (Step, event = {}) =>
    stand.clock.run(functions.invoke(name, { Step, SecretId: arn, ClientRequestToken: token, ...event }));
  return { stand, arn, token, step };
};

type Client = ReturnType<Stand["account"]["world"]>["secretsManager"];

interface Command {
  readonly constructor: { readonly name: string };
  readonly input: object;
}

/** Puts something in the way between the functions and Secrets Manager. It is given each operation, and its call. */
export const intercept =
  (between: (operation: string, call: () => Promise<unknown>, input: object) => Promise<unknown>) =>
  (stand: Stand): void => {
    const open = stand.account.world;
    const world: typeof open = (grants, environment) => {
      const opened = open(grants, environment);
      const client = opened.secretsManager as { send(command: unknown): Promise<unknown> };
      const send = (command: Command) =>
        between(command.constructor.name.replace(/Command$/, ""), () => client.send(command), command.input);
      return { ...opened, secretsManager: { send } as unknown as Client };
    };
    Object.assign(stand.account, { world });
  };

/** Kills a function at its `nth` call (from 1) of an operation, before anything of it is done; once. */
export const diesAt = (operation: string, nth: number): ((stand: Stand) => void) => {
  let calls = 0;
  return intercept(async (called, call) => {
    if (called === operation && ++calls === nth) throw new Error("killed");
    return call();
  });
};

type Answering = (url: string, init: RequestInit, ask: typeof fetch) => Promise<Response>;

/** From now on a vendor's answers to some requests come through `answer`, which is given the vendor's own way to answer. */
export const answerWith = (
  stand: Stand,
  isMeant: (url: string, init: RequestInit) => boolean,
  answer: Answering,
): void => {
  const open = stand.account.world;
  const world: typeof open = (grants, environment) => {
    const opened = open(grants, environment);
    const ask = opened.fetch;
    const fetch = (url: string, init: RequestInit) => (isMeant(url, init) ? answer(url, init, ask) : ask(url, init));
    return { ...opened, fetch: fetch as typeof globalThis.fetch };
  };
  Object.assign(stand.account, { world });
  stand.anotherService("prod");
};

export const answerCreatesWith = (stand: Stand, answer: Answering): void =>
  answerWith(stand, (url, { method }) => method === "POST" && /\/api-keys\/?$/.test(url), answer);
