import * as z from "zod";
import { type FunctionName, functionName } from "../../constructs/functions.ts";

/*
 * What the functions logged, as CloudWatch Logs has it. The stand-in's own log file has only what was logged in invocations
 * that somebody waited for; passes of reconcile, which the schedule begins, are not in it.
 */
const Answer = z.object({ events: z.array(z.object({ message: z.string() })) });

/** FilterLogEvents answers so many events at most; a window of this length has far fewer. */
const MOST_EVENTS = 10_000;
const WINDOW_MS = 120_000;

const filterLogEvents = async (endpoint: string, request: object): Promise<readonly string[]> => {
  const answer = await fetch(endpoint, {
    method: "POST",
    headers: {
      "Content-Type": "application/x-amz-json-1.1",
      "X-Amz-Target": "Logs_20140328.FilterLogEvents",
      // Nobody checks the signature here; the credential says which account's and region's logs they are.
      Authorization:
        "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/logs/aws4_request, SignedHeaders=host, Signature=0",
    },
    body: JSON.stringify(request),
  });
  if (!answer.ok) throw new Error(`FilterLogEvents answered ${answer.status}: ${(await answer.text()).slice(0, 300)}`);
  const { events } = Answer.parse(await answer.json());
  if (events.length >= MOST_EVENTS) throw new Error("FilterLogEvents has more events than it answers at once");
  return events.map(({ message }) => message);
};

/**
 * All lines that functions of a service logged from one time to another, in milliseconds since the Unix epoch.
 * @throws Error when a function has no log group, or none any more
 */
export const readFunctionLogs = async (
  endpoint: string,
  service: string,
  names: readonly FunctionName[],
  span: { readonly fromMs: number; readonly toMs: number },
): Promise<ReadonlyMap<FunctionName, string>> => {
  const logs = new Map<FunctionName, string>();
  for (const name of names) {
    const lines: string[] = [];
    const logGroupName = `/aws/lambda/${functionName(service, name)}`;
    for (let startTime = span.fromMs; startTime <= span.toMs; startTime += WINDOW_MS)
      lines.push(...(await filterLogEvents(endpoint, { logGroupName, startTime, endTime: startTime + WINDOW_MS - 1 })));
    logs.set(name, lines.join("\n"));
  }
  return logs;
};
