import type { VendorOperation } from "../sandbox/recorder/operation.ts";
import type { ModelParameters } from "../sandbox/secrets-manager/index.ts";
import type { Effect } from "./effects/effect.ts";
import type { ClusterTroubleName } from "./other-cluster/other-cluster.ts";
import type { OtherOfLife } from "./other-connection/other.ts";
import type { TroubleName } from "./other-connection/trouble.ts";
import type { Life } from "./stage/life.ts";
import type { Stage } from "./stage/stage.ts";
import type { VendorVariant } from "./stage/vendors.ts";

/** Something else than a kill that makes a life harder. One is made for each life: it may remember what it has done. */
export interface Twist {
  /** What AWS leaves open, decided otherwise than by default. */
  readonly parameters?: Partial<ModelParameters>;
  /** Slots of the vendor's plan that whatever it brings with it takes. @default 0 */
  readonly moreSlots?: number;
  /** The vendor as another of its documents has it. */
  readonly variant?: VendorVariant;
  /** Another connection of the service. */
  readonly other?: OtherOfLife;
  /** What is the matter with the life's own connection while that is on. */
  readonly trouble?: TroubleName;
  /** How often reconcile runs, in milliseconds. @default RECONCILE_MS */
  readonly reconcileMs?: number;
  /** What is the matter with another cluster of the service, which it has then. */
  readonly clusterTrouble?: ClusterTroubleName;
  /** How long the life may need to be at rest, in milliseconds, where that is longer than else. */
  readonly longestLifeMs?: number;
  /** How many looks it may take to be at rest, where these are more than else. */
  readonly looksToRest?: number;
  /** Told when the chapter begins, with the life arranged and its effects about to be counted. */
  begin?(life: Life): Promise<void> | void;
  /** Told of each counted effect before it is made, and waited for. */
  beforeEffect?(effect: Effect, life: Life): Promise<void> | void;
  /** Told of each call of a function to the vendor right before it arrives there, arranging included. */
  beforeVendorCall?(operation: VendorOperation, stage: Stage): void;
  /** Whether what it brings with it is over; a life before that is not at rest. @default true */
  isOver?(): boolean;
  /** Told when the life has ended, to judge what it has seen of it. */
  judge?(): void;
  /** What went wrong with the twist itself, such as that it never happened. @default nothing did */
  failure?(): string | undefined;
}

/** Makes a twist from what stands behind its kind in a life's name. @throws Error that says what it takes */
export type TwistKind = (argument: string) => Twist;
