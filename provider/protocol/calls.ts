import type { Message, MessageOf } from "../wire/protobuf.ts";
import { decode, encode } from "../wire/protobuf.ts";
import { dataSourceCalls } from "./data-source-calls.ts";
import { EMPTY_ANSWERS, Empty, METHODS } from "./messages.ts";
import type { Provider } from "./provider.ts";
import { providerCalls } from "./provider-calls.ts";
import { resourceCalls } from "./resource-calls.ts";

type Methods = typeof METHODS;
export type MethodName = keyof Methods;
type Request<Name extends MethodName> = MessageOf<Methods[Name]["request"]>;
type Answer<Name extends MethodName> = Partial<MessageOf<Methods[Name]["answer"]>>;
type Call<Name extends MethodName> = (request: Request<Name>) => Answer<Name> | Promise<Answer<Name>>;

/** Some of the protocol's methods, by name. */
export type Calls<Name extends MethodName> = { readonly [N in Name]: Call<N> };

/** A method on the bytes of its request; `undefined`: there is no such method. */
export type ByteCall = (request: Uint8Array) => Promise<Uint8Array>;

/** Where the client that a configuration opened is kept between calls. */
export interface Session<Client> {
  client?: Client;
  readonly stop: AbortController;
}

const onBytes =
  <Name extends MethodName>(name: Name, call: Call<Name>): ByteCall =>
  async (request) => {
    const { request: asked, answer } = METHODS[name];
    const answered = await call(decode(asked as Message<unknown>, request) as Request<Name>);
    return encode(answer as Message<unknown>, answered);
  };

const nothing: ByteCall = () => Promise.resolve(encode(Empty, {}));

/** Everything that Terraform may call of a provider, by the method's name. */
export const callsOf = <Client>(provider: Provider<Client>): ReadonlyMap<string, ByteCall> => {
  const session: Session<Client> = { stop: new AbortController() };
  const calls: Calls<MethodName> = {
    ...providerCalls(provider, session),
    ...resourceCalls(provider, session),
    ...dataSourceCalls(provider, session),
  };
  const known = (Object.keys(calls) as MethodName[]).map((name) => [name, onBytes(name, calls[name])] as const);
  return new Map<string, ByteCall>([...known, ...EMPTY_ANSWERS.map((name) => [name, nothing] as const)]);
};

/**
 * The client, for a call that needs one.
 * @throws Error when Terraform has not configured the provider
 */
export const clientOf = <Client>({ client }: Session<Client>): Client => {
  if (client !== undefined) return client;
  throw new Error("Terraform asked for something before it configured the provider");
};

/** The kind of resource or data source that Terraform names. */
export const kindNamed = <Kind>(kinds: Readonly<Record<string, Kind>>, typeName: string): Kind => {
  const kind = kinds[typeName];
  if (kind !== undefined) return kind;
  throw new Error(`Terraform asked for a ${typeName}; this provider has ${Object.keys(kinds).join(", ")}`);
};
