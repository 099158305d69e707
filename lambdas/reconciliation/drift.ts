import { accessText } from "../contracts/access.ts";
import { ownedName } from "../contracts/key-name.ts";
import { marks } from "../contracts/labels.ts";
import { driftOf } from "../rotation/drift.ts";
import { withoutWording } from "../rotation/listed-otherwise.ts";
import type { Live } from "./finding.ts";
import type { Version } from "./version.ts";

/** A way in which the current generation is not as declared. */
export interface Difference {
  readonly what: "connection" | "access" | "name" | "renamed";
  readonly reason: string;
  /** Whether `manage` can set it right: in place, or by a new generation. */
  readonly isRepairable: boolean;
}

const ofConnection = ({ key: { declaration } }: Version, { connection }: Live): readonly Difference[] => {
  if (connection === declaration.connection) return [];
  const reason = `its key is at ${connection}, declared is now ${declaration.connection}`;
  return [{ what: "connection", reason, isRepairable: true }];
};

/** It replaced a key that its vendor listed otherwise than it was minted. */
export const isReplacementForThat = ({ labels }: Version): boolean => marks("listed-otherwise", labels).length > 0;

const WORDING =
  "; its vendor listed the one before otherwise than it was minted, too, so that another one would not help";

const ofDeclaration = (version: Version, { key: listed }: Live): readonly Difference[] => {
  const { key, versionId } = version;
  const { declaration } = key;
  const found = key.stored.get(versionId);
  const stored = typeof found === "object" ? found : undefined;
  const drift = driftOf(declaration, listed, stored?.access);
  if (!drift) return [];
  const left = isReplacementForThat(version) && stored ? withoutWording(drift, declaration, stored) : drift;
  const difference = (what: "access" | "name", reason: string): Difference => {
    const isRepairable = left?.[what] !== undefined;
    return { what, reason: isRepairable ? reason : `${reason}${WORDING}`, isRepairable };
  };
  return [
    ...(drift.access ? [difference("access", `its key has not the declared ${accessText(drift.access)}`)] : []),
    ...(drift.name ? [difference("name", `its key is called ${listed.name}, not ${drift.name}`)] : []),
  ];
};

/** A name as the service gives it: nobody changed it, nor put anything behind it. */
const isGiven = (name: string): boolean => ownedName(name)?.addition === "";

/** Somebody gave the key another name at the vendor. It is still known by its id, as long as its value can be read. */
const ofForeignName = ({ key, versionId }: Version, { key: listed }: Live): readonly Difference[] => {
  const stored = key.stored.get(versionId);
  const given = typeof stored === "object" ? stored.name : undefined;
  if (given === undefined || !isGiven(given) || isGiven(listed.name)) return [];
  const reason = `its key was called ${given}, somebody calls it ${listed.name} now; the next rotation sets it right`;
  return [{ what: "renamed", reason, isRepairable: false }];
};

/** How the current generation differs from its declaration. */
export const differencesOf = (version: Version, live: Live): readonly Difference[] => [
  ...ofConnection(version, live),
  ...ofDeclaration(version, live),
  ...ofForeignName(version, live),
];

/** A deployment changes a key itself, within the time of `manage`; past twice that it has not. */
export const isSettled = ({ pass, key }: Version): boolean =>
  pass.observation.nowMs >= (key.secret.lastChangedAtMs ?? 0) + 2 * pass.grants.mintTimeout;
