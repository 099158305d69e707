import type { MessageOf } from "../wire/protobuf.ts";
import type { METHODS } from "./messages.ts";

type Methods = typeof METHODS;
export type MethodName = keyof Methods;
export type Request<Name extends MethodName> = MessageOf<Methods[Name]["request"]>;
type Answer<Name extends MethodName> = Partial<MessageOf<Methods[Name]["answer"]>>;

/** A method on messages; what an answer leaves out has its default. */
export type Call<Name extends MethodName> = (request: Request<Name>) => Answer<Name> | Promise<Answer<Name>>;

/** Some of the protocol's methods, by name. */
export type Calls<Name extends MethodName> = { readonly [N in Name]: Call<N> };
