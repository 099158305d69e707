import { type Assignment, carryOut } from "./assignment.ts";

/** A process that plays the lives it is sent, one after the other. */
process.on("message", async (assignments: readonly Assignment[]) => {
  for (const assignment of assignments) process.send?.(await carryOut(assignment));
});
