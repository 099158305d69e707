import { beside } from "./beside/beside.ts";
import { dayTwist } from "./days/family.ts";
import { hostileVendorTwist } from "./hostile-vendor/hostile-vendor.ts";
import { vendorKindTwist } from "./hostile-vendor/kinds.ts";
import { movedTwist } from "./moves/moved.ts";
import { objectTwist } from "./objects/family.ts";
import { order } from "./order/order.ts";
import { slow } from "./order/slow.ts";
import { otherClusterTwist } from "./other-cluster/family.ts";
import { otherConnectionTwist } from "./other-connection/family.ts";
import { overlapTwist } from "./overlap/family.ts";
import { plansTwist } from "./plans/family.ts";
import { settingTwist } from "./settings/family.ts";
import type { Twist, TwistKind } from "./twist.ts";

/** Every kind there is, by the word that stands for it. */
const KINDS: Readonly<Record<string, TwistKind>> = {
  setting: settingTwist,
  beside,
  cluster: otherClusterTwist,
  day: dayTwist,
  moved: movedTwist,
  object: objectTwist,
  order,
  overlap: overlapTwist,
  plans: plansTwist,
  other: otherConnectionTwist,
  slow,
  vendor: hostileVendorTwist,
  "vendor-kind": vendorKindTwist,
};

/**
 * A twist by its text, such as `setting=new-retry-token`.
 * @throws Error that names the kinds there are, or says what its kind takes
 */
export const twistFrom = (text: string): Twist => {
  const [kind = "", ...argument] = text.split("=");
  const make = KINDS[kind];
  if (make) return make(argument.join("="));
  throw new Error(`"${text}" is no twist; there are ${Object.keys(KINDS).join(", ")}`);
};
