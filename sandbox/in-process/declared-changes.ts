import type { DeclaredResources } from "./synthesized-stack.ts";

type Arguments = Readonly<Record<string, unknown>>;

const changedArguments = (before: Arguments, after: Arguments): readonly string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );

const changeOf = (before: Arguments | undefined, after: Arguments | undefined): string | undefined => {
  if (!before) return "(create)";
  if (!after) return "(delete)";
  const changed = changedArguments(before, after);
  return changed.length === 0 ? undefined : `${changed.join(", ")} (update)`;
};

/**
 * How one declaration of a stack differs from another, as a plan words it: `type.id: arguments (action)`. Pure.
 * @param except a type of resource that tells of its changes itself
 */
export const declaredChanges = (
  before: DeclaredResources,
  after: DeclaredResources,
  except: string,
): readonly string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((type) => type !== except)
    .flatMap((type) => {
      const [was, becomes] = [before[type] ?? {}, after[type] ?? {}];
      return [...new Set([...Object.keys(was), ...Object.keys(becomes)])].flatMap((id) => {
        const change = changeOf(was[id], becomes[id]);
        return change === undefined ? [] : [`${type}.${id}: ${change}`];
      });
    });
