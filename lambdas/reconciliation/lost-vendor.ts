import { METRICS } from "../contracts/metrics.ts";
import { doing, type Finding } from "./finding.ts";
import type { Version } from "./version.ts";

/** No connection of the service leads to the vendor of a generation any more, so that nobody can look or revoke. */
export const reportLostVendor = ({ key: { secret }, versionId }: Version, vendor: string): Finding =>
  doing([
    {
      kind: "report",
      secretId: secret.arn,
      action: "generation.out-of-reach",
      metric: METRICS.driftFound,
      facts: {
        secretName: secret.name,
        versionId,
        vendor,
        reason: `no connection of the service is to ${vendor}; connect it again, or revoke the key by hand and take the version's keyturn/ labels off`,
      },
    },
  ]);
