import type { Surroundings } from "./surroundings.ts";

/** What every role of a service has by its account's rules: a path, and a boundary. */
export const roleBounds = ({ rolePath, permissionsBoundary }: Surroundings) => ({
  ...(rolePath === undefined ? {} : { path: rolePath }),
  ...(permissionsBoundary ? { permissionsBoundary: permissionsBoundary.arn } : {}),
});
