import type { Message } from "../wire/protobuf.ts";
import { decode, encode } from "../wire/protobuf.ts";
import { dataSourceCalls } from "./data-source-calls.ts";
import { EMPTY_ANSWERS, Empty, METHODS } from "./messages.ts";
import type { Provider } from "./provider.ts";
import { providerCalls } from "./provider-calls.ts";
import { resourceCalls } from "./resource-calls.ts";
import type { Session } from "./session.ts";
import type { Call, Calls, MethodName, Request } from "./typed-call.ts";

/** A method on the bytes of its request; `undefined`: there is no such method. */
export type ByteCall = (request: Uint8Array) => Promise<Uint8Array>;

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
