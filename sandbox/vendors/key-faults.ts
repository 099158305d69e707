import type { Fault } from "./hostility.ts";
import type { KeyRecord, KeySnapshot } from "./key-record.ts";
import type { KeyDraft, KeyStore } from "./key-store.ts";
import type { Window } from "./paging.ts";

const LATE_ACTIVATION_MS = 120_000;
const STALE_MS = 60_000;
const CLOCK_SKEW_MS = 600_000;
const KEPT_NAME_LENGTH = 20;
const NAME_SUFFIX = " (2)";

/** How far this call's clock is ahead of the vendor's own. */
export const extraSkewMs = (fault: Fault | undefined): number =>
  fault?.kind === "clock-skew" ? (fault.skewMs ?? CLOCK_SKEW_MS) : 0;

/** The name that the vendor keeps when it was asked for `name`. */
export const keptName = (name: string, fault: Fault | undefined): string => {
  if (fault?.kind === "name-truncated") return name.slice(0, fault.length ?? KEPT_NAME_LENGTH);
  if (fault?.kind === "name-suffixed") return name + (fault.suffix ?? NAME_SUFFIX);
  return name;
};

/** Makes a key, or what `fault` makes of it. `draft` is asked for once per key, so that each has an id and a value of its own. */
export const mint = (store: KeyStore, draft: () => KeyDraft, fault: Fault | undefined): KeyRecord => {
  const issue = () => {
    const asked = draft();
    const late = fault?.kind === "activate-late" ? { propagationMs: fault.delayMs ?? LATE_ACTIVATION_MS } : {};
    return store.issue({ ...asked, name: keptName(asked.name, fault), ...late });
  };
  const key = issue();
  if (fault?.kind === "create-twice") issue();
  return key;
};

const staleMs = (fault: Fault | undefined, offset: number): number => {
  if (fault?.kind === "stale-list" || (fault?.kind === "pages-stale" && offset > 0)) return fault.ageMs ?? STALE_MS;
  return 0;
};

const distorted = (keys: readonly KeySnapshot[], fault: Fault | undefined): readonly KeySnapshot[] => {
  switch (fault?.kind) {
    case "list-items-twice":
      return keys.flatMap((key) => [key, key]);
    case "list-omits": {
      const { omits = () => true } = fault;
      return keys.filter(({ id }) => !omits(id));
    }
    case "list-cut":
      return keys.slice(0, fault.keep ?? 1);
    case "list-reversed":
      return keys.toReversed();
    default:
      return keys;
  }
};

/** All keys of an organization that a list shows under `fault` to whom asks for a page from `offset` on, oldest first. */
export const listed = (
  store: KeyStore,
  organizationId: string,
  offset: number,
  fault: Fault | undefined,
): readonly KeySnapshot[] => {
  const keys = store.listed(staleMs(fault, offset)).filter((key) => key.organizationId === organizationId);
  return distorted(keys, fault);
};

/** What is shown in place of the page that is asked for. */
export const windowUnder = (fault: Fault | undefined, { offset, limit }: Window): Window => ({
  offset: fault?.kind === "page-repeated" ? Math.max(0, offset - limit) : offset,
  limit,
});
