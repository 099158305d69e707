import { expect, test } from "vitest";
import { refusalsIn } from "../../sandbox/demo/refusals.ts";

/** As the cdktf CLI prints an error of Terraform's: framed, wrapped, with the stack's name before each line. */
const PRINTED = `sandbox  ╷
         │ Error: The key is in use
         │
         │   with keyturn_api_key.WebApp_Key_2F0E3A11 (WebApp/Key),
         │   on cdk.tf.json line 1204, in resource.keyturn_api_key.WebApp_Key_2F0E3A11:
         │
         │ the key key_0wg7blvbvtvt of keyturn/sandbox/sandbox-webapp was used at
         │ 2026-11-22T02:25:06.000Z, so nothing was revoked; stop its workloads and
         │ try again after 2026-11-22T02:25:17.000Z, or say force
         ╵
sandbox  ╷
         │ Error: The key is in use
         │ the key key_yt7vuyjysne6 of keyturn/sandbox/sandbox-ci was used at 2026-11-22T02:25:01.000Z, so nothing was revoked; stop its workloads and try again after 2026-11-22T02:25:12.000Z, or say force
         ╵`;

const WEBAPP = {
  keyId: "key_0wg7blvbvtvt",
  secretName: "keyturn/sandbox/sandbox-webapp",
  usedAt: "2026-11-22T02:25:06.000Z",
  tryAfter: "2026-11-22T02:25:17.000Z",
};

test("a refused destroy names each key in use, when it was used, and when it may be tried again", () => {
  expect(refusalsIn(PRINTED)).toEqual([WEBAPP, expect.objectContaining({ keyId: "key_yt7vuyjysne6" })]);
});

test("a refusal that is printed twice is one", () => {
  expect(refusalsIn(`${PRINTED}\n${PRINTED}`)).toHaveLength(2);
});

test("a destroy that failed for another reason has none", () => {
  expect(refusalsIn("Error: still lists key_0wg7blvbvtvt of keyturn/sandbox/sandbox-webapp as active")).toEqual([]);
});
