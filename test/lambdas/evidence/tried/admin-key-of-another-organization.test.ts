import { expect, test } from "vitest";
import { passes, unlimited } from "../../reconciliation/passes.ts";
import { answerCreatesWith } from "../../rotation/begun.ts";
import { SECOND_ORGANIZATION } from "../../second-connection.ts";
import { DAY_MS, type Stand } from "../../stand.ts";

const SecretId = "keyturn/pictify";

const deployed = async () => {
  const stand = await unlimited();
  const arn = await stand.deploy();
  await stand.deploy({ name: "api" });
  await stand.clock.advance(DAY_MS);
  const { value: apiKey } = stand.pictify.issueAdminKey("Admin", SECOND_ORGANIZATION);
  const change = () => stand.aws("PutSecretValue", { SecretId, SecretString: JSON.stringify({ apiKey }) });
  return { stand, arn, apiKey, change };
};

const mintedThere = ({ pictify }: Stand): readonly string[] =>
  pictify.keys().flatMap((key) => (key.organizationId === SECOND_ORGANIZATION && key.name !== "Admin" ? key.name : []));

test("nothing is minted with an admin key that took the place of the one which listed, between list and create", async () => {
  const { stand, arn, change } = await deployed();
  let isChanged = false;
  answerCreatesWith(stand, async (url, init, ask) => {
    if (!isChanged) {
      stand.pictify.revokeKey(stand.pictify.adminKeyId);
      await change();
    }
    isChanged = true;
    return ask(url, init);
  });

  await stand.rotate(arn);
  await passes(stand, 24);

  expect(mintedThere(stand)).toEqual([]);
});
