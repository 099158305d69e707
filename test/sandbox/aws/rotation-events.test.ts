import { expect, test } from "vitest";
import { publishRotationEvent } from "../../../sandbox/aws/rotation-events.ts";
import { makeRotationEvent } from "./rotation-event-fixture.ts";

test("a rotation event goes to the bus of its own account and region, its detail as it is", async () => {
  const calls: unknown[] = [];
  const ministack = { putServiceEvents: async (events: unknown) => void calls.push(events) };
  const event = makeRotationEvent("RotationFailed");

  await publishRotationEvent(ministack, event);

  const entry = { Source: "aws.secretsmanager", DetailType: "AWS Service Event via CloudTrail", Resources: [] };
  const entries = [{ ...entry, Detail: JSON.stringify(event.detail) }];
  expect(calls).toEqual([{ account: "000000000000", region: "us-east-1", entries }]);
});
