import { readPresent } from "./dynamic-value.ts";
import { diagnosticOf, problemOf } from "./problem.ts";
import type { Provider } from "./provider.ts";
import { type ObjectSchema, schemaMessage } from "./schema.ts";
import type { Session } from "./session.ts";
import type { Calls } from "./typed-call.ts";

type Name = "GetMetadata" | "GetProviderSchema" | "ValidateProviderConfig" | "ConfigureProvider" | "StopProvider";

/** Terraform may keep a schema it knows, and need not ask for it again; it asks for the plan of a destroy, too. */
const CAPABILITIES = { getProviderSchemaOptional: true, planDestroy: true };

const typeNames = (kinds: object) => Object.keys(kinds).map((typeName) => ({ typeName }));

const schemas = (kinds: Readonly<Record<string, { readonly schema: ObjectSchema }>>) =>
  Object.fromEntries(Object.entries(kinds).map(([name, { schema }]) => [name, schemaMessage(schema)]));

/** What Terraform asks of the provider as a whole. */
export const providerCalls = <Client>(provider: Provider<Client>, session: Session<Client>): Calls<Name> => ({
  GetMetadata: () => ({
    serverCapabilities: CAPABILITIES,
    resources: typeNames(provider.resources),
    dataSources: typeNames(provider.dataSources),
  }),
  GetProviderSchema: () => ({
    provider: schemaMessage(provider.schema),
    resourceSchemas: schemas(provider.resources),
    dataSourceSchemas: schemas(provider.dataSources),
    serverCapabilities: CAPABILITIES,
  }),
  ValidateProviderConfig: ({ config }) => ({
    diagnostics: provider.validate(readPresent(config, "provider configuration")).map(diagnosticOf),
  }),
  ConfigureProvider: ({ config }) => {
    try {
      session.client = provider.configure(readPresent(config, "provider configuration"), session.stop.signal);
      return {};
    } catch (error) {
      return { diagnostics: [diagnosticOf(problemOf(error))] };
    }
  },
  StopProvider: () => {
    session.stop.abort();
    return {};
  },
});
