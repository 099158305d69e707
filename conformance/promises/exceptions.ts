/** What a person did, or the vendor does, that allows more than is allowed else. Each is asserted as such. */
export interface Exceptions {
  /** Compromised keys by their id: `first` ones go before their successor works, others without an overlap. */
  readonly compromised: Map<string, "first" | "replaced first">;
  isDestroyed: boolean;
  /** Keys that a person revoked at the vendor, and when: whoever holds one is cut off by that. */
  readonly revokedByHand: Map<string, number>;
  /** Those of them of which lists did not show it for hours: nobody can have seen it there. */
  readonly revokedUnseen: Set<string>;
  /** Keys that a person made at the vendor in the middle, to be used: nobody else's to revoke, as long as none was adopted. */
  readonly madeByHand: Set<string>;
  /** Versions whose value a person put as AWSCURRENT: nobody verifies what a person puts. */
  readonly putByHand: Set<string>;
  /** While a person has deleted the secret, nothing can be read from it. */
  isSecretAway: boolean;
  /** Service ids of other services in the vendor's organization: their keys are theirs. */
  readonly neighbours: Set<string>;
  /** Names of further managed keys of the service, which are not the life's. */
  readonly furtherKeys: Set<string>;
  /** The vendor makes two keys where one is asked for: the second takes a slot that nobody asked for. */
  makesTwins: boolean;
  /** The vendor changes the name of a key on the way: where that is found later, it is reported, and the next rotation sets it right. */
  changesNames: boolean;
  /** No new key works for hours: then none replaces a dead one. */
  newKeysFail: boolean;
  /** The vendor shows no use: a retirement goes by its overlap and a margin alone. */
  hidesUse: boolean;
  /** The vendor's lists have words of their own for a role or type: the current version is marked as a replacement for that, and stays. */
  wordsAccess: boolean;
  /** Keys that were retired so: whoever is slower than overlap and margin is cut off. */
  readonly retiredUnseen: Set<string>;
}

/** None: everything is to hold. */
export const noExceptions = (): Exceptions => ({
  compromised: new Map(),
  isDestroyed: false,
  revokedByHand: new Map(),
  revokedUnseen: new Set(),
  madeByHand: new Set(),
  putByHand: new Set(),
  isSecretAway: false,
  neighbours: new Set(),
  furtherKeys: new Set(),
  makesTwins: false,
  changesNames: false,
  newKeysFail: false,
  hidesUse: false,
  wordsAccess: false,
  retiredUnseen: new Set(),
});
