import { answerWith } from "../../rotation/begun.ts";
import { MINUTE_MS, type Stand } from "../../stand.ts";

export type Key = Readonly<Record<string, unknown>>;

/** From now on lists of keys say something else of each. */
export const listedAs = (stand: Stand, change: (key: Key) => Key): void =>
  answerWith(
    stand,
    (url, { method = "GET" }) => method === "GET" && /api-keys\/?(\?|$)/.test(url),
    async (url, init, ask) => {
      const answer = await ask(url, init);
      if (answer.status !== 200) return answer;
      const body = JSON.parse(await answer.text()) as Record<string, unknown>;
      const changed = Object.entries(body).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.map(change) : value,
      ]);
      return Response.json(Object.fromEntries(changed), { headers: answer.headers });
    },
  );

/** Whatever carries an admin key is answered otherwise. */
export const adminDown = async (stand: Stand, adminSecret: string): Promise<void> => {
  const { SecretString } = await stand.aws<{ SecretString: string }>("GetSecretValue", { SecretId: adminSecret });
  const { apiKey } = JSON.parse(SecretString);
  answerWith(
    stand,
    (_, { headers }) => JSON.stringify([...new Headers(headers)]).includes(apiKey),
    async () => new Response("no backend", { status: 503 }),
  );
};

/** A workload's call at Pictograph; the answer's status. */
export const callPictograph = async (stand: Stand, apiKey: string): Promise<number> => {
  const headers = { "X-API-Key": apiKey };
  const request = new Request("https://pictograph.test/api/v1/developer/datasets/", { headers });
  return (await stand.pictograph.fetch(request)).status;
};

/** Passes of some hours, with a call of a workload's every ten minutes. @returns the statuses that it got */
export const usedFor = async (stand: Stand, hours: number, call: () => Promise<number>): Promise<Set<number>> => {
  const statuses = new Set<number>();
  for (let n = 0; n < hours * 6; n++) {
    statuses.add(await call());
    for (const _ of [1, 2]) {
      await stand.clock.advance(5 * MINUTE_MS);
      await stand.invoke("reconcile", {});
    }
  }
  return statuses;
};

export const earlier = (value: unknown, byMs: number): unknown =>
  typeof value === "string" ? new Date(Date.parse(value) - byMs).toISOString() : value;
