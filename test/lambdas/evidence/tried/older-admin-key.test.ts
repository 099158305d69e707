import { expect, test } from "vitest";
import { passes, unlimited } from "../../reconciliation/passes.ts";
import { SECOND_ORGANIZATION } from "../../second-connection.ts";
import { DAY_MS, HOUR_MS } from "../../stand.ts";

test("nothing is minted with another organization's admin key, whose version a person has put back", async () => {
  const stand = await unlimited();
  const SecretId = "keyturn/pictify";
  const put = (apiKey: string) =>
    stand.aws<{ VersionId: string }>("PutSecretValue", { SecretId, SecretString: JSON.stringify({ apiKey }) });
  const { VersionId: foreign } = await put(stand.pictify.issueAdminKey("Admin", SECOND_ORGANIZATION).value);
  await stand.clock.advance(HOUR_MS);
  const { VersionId: right } = await put(stand.pictify.adminKey);
  stand.anotherService("prod");
  const arn = await stand.deploy();
  await stand.deploy({ name: "api" });
  await stand.clock.advance(DAY_MS);
  const move = { VersionStage: "AWSCURRENT", MoveToVersionId: foreign, RemoveFromVersionId: right };
  await stand.aws("UpdateSecretVersionStage", { SecretId, ...move });
  await stand.clock.advance(HOUR_MS);

  await stand.rotate(arn);
  await passes(stand, 12 * 8);

  const there = stand.pictify.keys().filter(({ organizationId }) => organizationId === SECOND_ORGANIZATION);
  expect(there.map(({ name }) => name)).toEqual(["Admin"]);
});
