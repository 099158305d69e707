import type { Recorded } from "../effects/recorded.ts";
import { ADMIN_SECRET } from "../stage/declared.ts";
import type { Life } from "../stage/life.ts";
import { HOUR_MS } from "../stage/settings.ts";
import { type Act, notIn, tryOnce } from "./act.ts";

/*
 * What is wrong with the whole of a vendor, other than with one of its answers: another organization's admin key, or reports of use that
 * stand still.
 */
const FOREIGN = "00000000-0000-4000-8000-00000000f0e1";
const MISTAKE_MS = 3 * HOUR_MS;

const isManaged = (name: string): boolean => name.includes("-kt-");

/** A person stores the admin key of another organization, and the right one again hours later, when somebody has seen the alarm. */
const storeForeignAdminKey = async (life: Life): Promise<void> => {
  const { stage } = life;
  const foreign = stage.simulator.issueAdminKey("Admin of another organization", FOREIGN);
  const put = (apiKey: string) =>
    tryOnce(life, "PutSecretValue", { SecretId: ADMIN_SECRET, SecretString: JSON.stringify({ apiKey }) });
  if (!(await put(foreign.value))) return;
  stage.redeploy();
  await stage.clock.sleep(MISTAKE_MS);
  await put(stage.simulator.adminKey);
  stage.redeploy();
  const minted = stage.simulator.keys().filter((key) => key.organizationId === FOREIGN && isManaged(key.name));
  if (minted.length > 0)
    stage.trace.violation(
      "the user's other keys are not touched",
      `${minted[0]?.name} was minted in another organization`,
    );
};

/** The vendor's reporting of uses stands still for hours, and catches up. */
const stopReports = async ({ stage }: Life): Promise<void> => {
  stage.trace.tell("the vendor reports no further use");
  stage.simulator.stopUsage();
  await stage.clock.sleep(MISTAKE_MS);
  stage.trace.tell("the vendor reports uses again");
  stage.simulator.stopUsage(Number.POSITIVE_INFINITY);
};

/** Where its only key is revoked first, nothing is left by which an organization could be known. */
const isWithoutKey = ({ chapter }: Recorded): boolean => chapter.endsWith("compromise-first");

const calm = notIn("first-key", "destroy", "stuck", "repair");

export const ORGANIZATIONS = {
  "wrong-admin-key": {
    what: "a person stores the admin key of another organization, and sets it right hours later",
    places: "few",
    variant: { pictograph: { switches: { organizationChecked: false } } },
    fits: (recorded) => calm(recorded) && !isWithoutKey(recorded),
    act: storeForeignAdminKey,
  },
  "reports-stand-still": {
    what: "the vendor reports no use for some hours",
    places: "few",
    // Pictify refuses a verification with 403: then nothing can be known but what it lists.
    fits: (recorded) => calm(recorded) && recorded.vendor === "pictograph",
    act: stopReports,
  },
} as const satisfies Readonly<Record<string, Act>>;
