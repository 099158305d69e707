import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { AuthenticationV1Api, type V1TokenReview } from "@kubernetes/client-node";
import { expect, onTestFinished, test } from "vitest";
import { configOf, withToken } from "./cluster.ts";
import { describeWithKubernetes } from "./describe-with-kubernetes.ts";
import { type OwnCluster, startOwnCluster } from "./own-cluster.ts";
import { statusOfRefusal } from "./status-of-refusal.ts";

/** A webhook that knows the tokens of this set, all of one user. */
const startWebhook = async (good: Set<string>) => {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const review = (await json(request)) as V1TokenReview;
    const token = review.spec.token ?? "";
    asked.push(token);
    const user = { username: "keyturn", groups: ["keyturn:distributors"] };
    const status = good.has(token) ? { authenticated: true, user } : { authenticated: false };
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ ...review, status }));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/authenticate` };
};

const whoAmI = (own: OwnCluster, token: string) =>
  configOf(withToken(own, token)).makeApiClient(AuthenticationV1Api).createSelfSubjectReview({ body: {} });

describeWithKubernetes(
  "an API server with an authentication webhook",
  () => {
    test("a token is who the webhook says, and nobody from the moment it says so", async () => {
      const good = new Set(["one-token"]);
      const { asked, url } = await startWebhook(good);
      const own = await startOwnCluster({ authenticationWebhook: url });

      const known = await whoAmI(own, "one-token");
      good.clear();
      const refusal = await statusOfRefusal(whoAmI(own, "one-token"));

      expect(known.status?.userInfo?.username).toBe("keyturn");
      expect(known.status?.userInfo?.groups).toContain("keyturn:distributors");
      expect(refusal.code).toBe(401);
      expect(asked).toEqual(["one-token", "one-token"]);
    });

    test("the administrator's token is good without the webhook", async () => {
      const { asked, url } = await startWebhook(new Set());
      const { core } = await startOwnCluster({ authenticationWebhook: url });

      await core.listNamespace();

      expect(asked).toEqual([]);
    });
  },
  { ownServer: true },
);
