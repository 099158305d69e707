import { readPresent, writeObject } from "./dynamic-value.ts";
import { diagnosticOf, problemOf } from "./problem.ts";
import { kindNamed, type Provider } from "./provider.ts";
import { conform } from "./schema.ts";
import { clientOf, type Session } from "./session.ts";
import type { Calls } from "./typed-call.ts";

type Name = "ValidateDataResourceConfig" | "ReadDataSource";

/** What Terraform asks of data sources. */
export const dataSourceCalls = <Client>(provider: Provider<Client>, session: Session<Client>): Calls<Name> => ({
  ValidateDataResourceConfig: ({ typeName, config }) => {
    const source = kindNamed(provider.dataSources, typeName);
    return { diagnostics: source.validate(readPresent(config, `configuration of ${typeName}`)).map(diagnosticOf) };
  },
  ReadDataSource: async ({ typeName, config }) => {
    try {
      const source = kindNamed(provider.dataSources, typeName);
      const state = await source.read(clientOf(session), readPresent(config, `configuration of ${typeName}`));
      return { state: writeObject(conform(source.schema, state)) };
    } catch (error) {
      return { diagnostics: [diagnosticOf(problemOf(error))] };
    }
  },
});
