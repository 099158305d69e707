import { bytes, flag, integer, mapped, message, nested, repeated, text } from "../wire/protobuf.ts";

/*
 * The messages of Terraform's plugin protocol 6.9 as far as this provider sends or reads them, written from the
 * definition that HashiCorp publishes with Terraform (docs/plugin-protocol). Left out: functions, ephemeral resources,
 * resource identities, deferral and provider_meta, which this provider does not have; their fields are skipped when read.
 */

export const DynamicValue = message({ msgpack: bytes(1), json: bytes(2) });

const Step = message({ attributeName: text(1), elementKeyString: text(2), elementKeyInt: integer(3) });
export const AttributePath = message({ steps: repeated(1, Step) });

export const SEVERITY = { error: 1, warning: 2 } as const;
export const Diagnostic = message({
  severity: integer(1),
  summary: text(2),
  detail: text(3),
  attribute: nested(4, AttributePath),
});

const Attribute = message({
  name: text(1),
  type: bytes(2),
  description: text(3),
  required: flag(4),
  optional: flag(5),
  computed: flag(6),
});
const InnerBlock = message({ attributes: repeated(2, Attribute), description: text(4) });
export const NESTING_SINGLE = 1;
const NestedBlock = message({ typeName: text(1), block: nested(2, InnerBlock), nesting: integer(3) });
const Block = message({
  attributes: repeated(2, Attribute),
  blockTypes: repeated(3, NestedBlock),
  description: text(4),
});
export const Schema = message({ version: integer(1), block: nested(2, Block) });

export const ServerCapabilities = message({
  planDestroy: flag(1),
  getProviderSchemaOptional: flag(2),
  moveResourceState: flag(3),
});

export const RawState = message({ json: bytes(1) });
export const Empty = message({});
const TypeName = message({ typeName: text(1) });
const TypeAndConfig = message({ typeName: text(1), config: nested(2, DynamicValue) });
const Diagnostics = message({ diagnostics: repeated(1, Diagnostic) });

/** Request and answer of every method that this provider answers with more than nothing. */
export const METHODS = {
  GetMetadata: {
    request: Empty,
    answer: message({
      serverCapabilities: nested(1, ServerCapabilities),
      diagnostics: repeated(2, Diagnostic),
      dataSources: repeated(3, TypeName),
      resources: repeated(4, TypeName),
    }),
  },
  GetProviderSchema: {
    request: Empty,
    answer: message({
      provider: nested(1, Schema),
      resourceSchemas: mapped(2, Schema),
      dataSourceSchemas: mapped(3, Schema),
      diagnostics: repeated(4, Diagnostic),
      serverCapabilities: nested(6, ServerCapabilities),
    }),
  },
  ValidateProviderConfig: {
    request: message({ config: nested(1, DynamicValue) }),
    answer: message({ diagnostics: repeated(2, Diagnostic) }),
  },
  ConfigureProvider: {
    request: message({ terraformVersion: text(1), config: nested(2, DynamicValue) }),
    answer: Diagnostics,
  },
  ValidateResourceConfig: { request: TypeAndConfig, answer: Diagnostics },
  ValidateDataResourceConfig: { request: TypeAndConfig, answer: Diagnostics },
  UpgradeResourceState: {
    request: message({ typeName: text(1), version: integer(2), rawState: nested(3, RawState) }),
    answer: message({ upgradedState: nested(1, DynamicValue), diagnostics: repeated(2, Diagnostic) }),
  },
  ReadResource: {
    request: message({ typeName: text(1), currentState: nested(2, DynamicValue), private: bytes(3) }),
    answer: message({ newState: nested(1, DynamicValue), diagnostics: repeated(2, Diagnostic), private: bytes(3) }),
  },
  PlanResourceChange: {
    request: message({
      typeName: text(1),
      priorState: nested(2, DynamicValue),
      proposedNewState: nested(3, DynamicValue),
      config: nested(4, DynamicValue),
      priorPrivate: bytes(5),
    }),
    answer: message({
      plannedState: nested(1, DynamicValue),
      requiresReplace: repeated(2, AttributePath),
      plannedPrivate: bytes(3),
      diagnostics: repeated(4, Diagnostic),
    }),
  },
  ApplyResourceChange: {
    request: message({
      typeName: text(1),
      priorState: nested(2, DynamicValue),
      plannedState: nested(3, DynamicValue),
      config: nested(4, DynamicValue),
      plannedPrivate: bytes(5),
    }),
    answer: message({ newState: nested(1, DynamicValue), private: bytes(2), diagnostics: repeated(3, Diagnostic) }),
  },
  ImportResourceState: {
    request: message({ typeName: text(1), id: text(2) }),
    answer: message({
      importedResources: repeated(1, message({ typeName: text(1), state: nested(2, DynamicValue), private: bytes(3) })),
      diagnostics: repeated(2, Diagnostic),
    }),
  },
  MoveResourceState: {
    request: message({ sourceTypeName: text(2), targetTypeName: text(5) }),
    answer: message({ targetState: nested(1, DynamicValue), diagnostics: repeated(2, Diagnostic) }),
  },
  ReadDataSource: {
    request: TypeAndConfig,
    answer: message({ state: nested(1, DynamicValue), diagnostics: repeated(2, Diagnostic) }),
  },
  StopProvider: { request: Empty, answer: message({ error: text(1) }) },
} as const;

/** Methods about things that this provider has none of: an empty answer says so. */
export const EMPTY_ANSWERS = ["GetFunctions", "GetResourceIdentitySchemas", "ValidateEphemeralResourceConfig"] as const;
