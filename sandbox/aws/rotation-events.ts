import type { RotationEvent } from "../secrets-manager/index.ts";
import type { ServiceEventEntry, ServiceEvents } from "./host-channel.ts";

const toEntry = (event: RotationEvent): ServiceEventEntry => ({
  Source: event.source,
  DetailType: event["detail-type"],
  Detail: JSON.stringify(event.detail),
  Resources: event.resources,
});

/**
 * Puts an event of Secrets Manager on the default bus of the event's account and region, where rules see it.
 * The bus gives it an id and a time of its own; the detail arrives as it is.
 * @throws when the stand-in has ended or does not take it
 */
export const publishRotationEvent = (
  ministack: { putServiceEvents(events: ServiceEvents): Promise<void> },
  event: RotationEvent,
): Promise<void> =>
  ministack.putServiceEvents({ account: event.account, region: event.region, entries: [toEntry(event)] });
