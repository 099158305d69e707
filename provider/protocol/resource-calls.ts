import type { MessageOf } from "../wire/protobuf.ts";
import type { ObjectValue } from "../wire/value.ts";
import { readObject, readPresent, writeObject } from "./dynamic-value.ts";
import type { METHODS } from "./messages.ts";
import {
  attributePath,
  diagnosticOf,
  errorProblem,
  type Problem,
  ProblemError,
  problemOf,
  type Warn,
} from "./problem.ts";
import { kindNamed, type ManagedResource, type Provider } from "./provider.ts";
import { conform } from "./schema.ts";
import { clientOf, type Session } from "./session.ts";
import type { Calls } from "./typed-call.ts";

type Name =
  | "ValidateResourceConfig"
  | "UpgradeResourceState"
  | "ReadResource"
  | "PlanResourceChange"
  | "ApplyResourceChange"
  | "ImportResourceState"
  | "MoveResourceState";

type ApplyRequest = MessageOf<(typeof METHODS)["ApplyResourceChange"]["request"]>;
type PlanRequest = MessageOf<(typeof METHODS)["PlanResourceChange"]["request"]>;
type UpgradeRequest = MessageOf<(typeof METHODS)["UpgradeResourceState"]["request"]>;

const failed = (error: unknown) => ({ diagnostics: [diagnosticOf(problemOf(error))] });

/** A state as its file has it. States of Terraform before 0.12 have another form, and this provider never wrote one. */
const storedState = ({ rawState, typeName }: UpgradeRequest): ObjectValue => {
  const json = rawState?.json;
  if (json?.length) return JSON.parse(Buffer.from(json).toString("utf8")) as ObjectValue;
  throw new ProblemError(
    errorProblem(
      `The state of a ${typeName} is not one of this provider's`,
      "It has the form of Terraform before 0.12, in which this provider never wrote one. Remove the resource from the state (terraform state rm) and import it.",
    ),
  );
};

const upgraded = <Client>(resource: ManagedResource<Client>, request: UpgradeRequest): ObjectValue => {
  const state = storedState(request);
  return request.version === resource.schema.version ? state : resource.upgrade(request.version, state);
};

const change = async <Client>(
  resource: ManagedResource<Client>,
  client: Client,
  prior: ObjectValue | null,
  planned: ObjectValue | null,
  warn: Warn,
): Promise<ObjectValue | null> => {
  if (planned && prior) return resource.update(client, prior, planned, warn);
  if (planned) return resource.create(client, planned, warn);
  if (prior) await resource.remove(client, prior, warn);
  return null;
};

/** What is told besides an answer. */
const warnings = () => {
  const told: Problem[] = [];
  return {
    warn: (problem: Problem): void => void told.push(problem),
    diagnostics: () => (told.length > 0 ? { diagnostics: told.map(diagnosticOf) } : {}),
  };
};

/** After a failure the state stays what it was, so that the next plan compares with what is there and goes on. */
const apply = async <Client>(
  resource: ManagedResource<Client>,
  session: Session<Client>,
  { priorState, plannedState }: ApplyRequest,
) => {
  const prior = readObject(priorState);
  const { warn, diagnostics } = warnings();
  try {
    const state = await change(resource, clientOf(session), prior, readObject(plannedState), warn);
    const newState = writeObject(state && conform(resource.schema, state));
    return { newState, ...diagnostics() };
  } catch (error) {
    const unfinished = error instanceof ProblemError ? error.unfinished : undefined;
    const left = unfinished ? conform(resource.schema, unfinished) : prior;
    return { newState: writeObject(left), ...failed(error) };
  }
};

/** What the plan of a change hands on to the one of its replacement: Terraform asks for both, one after the other. */
const OF_A_CHANGE = Buffer.from("change");

const plan = async <Client>(
  resource: ManagedResource<Client>,
  client: Client,
  { priorState, proposedNewState, priorPrivate }: PlanRequest,
) => {
  const prior = readObject(priorState);
  const proposed = readObject(proposedNewState);
  if (!proposed) {
    if (prior) await resource.planRemoval(client, prior);
    return { plannedState: writeObject(null) };
  }
  const isReplacement = prior === null && OF_A_CHANGE.equals(priorPrivate);
  const { planned, replacedBy } = await resource.plan(client, { prior, proposed, isReplacement });
  return {
    plannedState: writeObject(conform(resource.schema, planned)),
    requiresReplace: replacedBy.map((name) => attributePath([name])),
    ...(prior && { plannedPrivate: OF_A_CHANGE }),
  };
};

/** What Terraform asks of resources. */
export const resourceCalls = <Client>(provider: Provider<Client>, session: Session<Client>): Calls<Name> => ({
  ValidateResourceConfig: ({ typeName, config }) => {
    const resource = kindNamed(provider.resources, typeName);
    return { diagnostics: resource.validate(readPresent(config, `configuration of ${typeName}`)).map(diagnosticOf) };
  },
  UpgradeResourceState: (request) => {
    try {
      const resource = kindNamed(provider.resources, request.typeName);
      const state = conform(resource.schema, upgraded(resource, request));
      resource.saw(state);
      return { upgradedState: writeObject(state) };
    } catch (error) {
      return failed(error);
    }
  },
  ReadResource: async ({ typeName, currentState, private: kept }) => {
    const { warn, diagnostics } = warnings();
    try {
      const resource = kindNamed(provider.resources, typeName);
      const state = await resource.read(clientOf(session), readPresent(currentState, `state of ${typeName}`), warn);
      return { newState: writeObject(state && conform(resource.schema, state)), private: kept, ...diagnostics() };
    } catch (error) {
      return { ...(currentState && { newState: currentState }), private: kept, ...failed(error) };
    }
  },
  PlanResourceChange: async (request) => {
    try {
      return await plan(kindNamed(provider.resources, request.typeName), clientOf(session), request);
    } catch (error) {
      return failed(error);
    }
  },
  ApplyResourceChange: (request) => apply(kindNamed(provider.resources, request.typeName), session, request),
  ImportResourceState: ({ typeName, id }) => {
    try {
      const resource = kindNamed(provider.resources, typeName);
      return {
        importedResources: [{ typeName, state: writeObject(conform(resource.schema, resource.importState(id))) }],
      };
    } catch (error) {
      return failed(error);
    }
  },
  MoveResourceState: ({ sourceTypeName, targetTypeName }) =>
    failed(new ProblemError(cannotMove(sourceTypeName, targetTypeName))),
});

const cannotMove = (from: string, to: string) =>
  errorProblem(
    `${from} cannot become ${to}`,
    `Remove ${from} from the state (terraform state rm, or a removed block), and import the key's secret as ${to}.`,
  );
