/** Parameters of AWS that this model does not have: a request with one of them is refused with an error that names it. */
export const LEFT_OUT_PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  CreateSecret: ["Type"],
  RotateSecret: ["ExternalSecretRotationMetadata", "ExternalSecretRotationRoleArn"],
  UpdateSecret: ["Type"],
};

/** Something of AWS Secrets Manager that this model does not have. */
export interface LeftOut {
  readonly what: string;
  /** What happens here instead. */
  readonly instead: string;
}

/** Everything that is left out, for the documentation and for whoever wonders about an answer. */
export const LEFT_OUT: readonly LeftOut[] = [
  {
    what: "Managed external secrets (Type, ExternalSecretRotationMetadata, ExternalSecretRotationRoleArn)",
    instead: "NotImplementedException, which names the parameter",
  },
  {
    what: "Managed rotation, and secrets that belong to other AWS services (OwningService)",
    instead: "no secret here has an owner: a filter by owning-service finds none, and a rotation needs a function",
  },
  {
    what: "Replica secrets in other Regions: one Region is modelled",
    instead:
      "the primary secret has its replicas' status, which becomes InSync; a replica cannot be read, and StopReplicationToReplica, which is called in its Region, finds no replica",
  },
  {
    what: "Which Regions exist and are enabled",
    instead: "every Region code of the right form but the primary one is taken, and no replication fails",
  },
  {
    what: "The effect of permissions: IAM policies, resource policies, signatures, who calls",
    instead:
      "every call is allowed; policies are stored, returned and checked in form; the permission to invoke a rotation function is checked",
  },
  {
    what: "The automated reasoning behind BlockPublicPolicy and ValidateResourcePolicy, and the check for a locked-out caller",
    instead:
      "a policy counts as public when it allows a wildcard principal without a condition that fixes account, organization, source or network",
  },
  {
    what: "KMS: whether a key exists, is enabled and may be used (EncryptionFailure, DecryptionFailure)",
    instead: "key ids are stored and returned, never looked at",
  },
  {
    what: "Throttling, and the quota of 500,000 secrets a Region",
    instead: "no request is refused for its rate or for the number of secrets",
  },
  {
    what: "The time within a rotation window that AWS chooses",
    instead: "the parameter placeInWindow decides; by default a rotation runs when its window opens",
  },
  {
    what: "CloudTrail records of API calls",
    instead: "only the events of rotations are sent",
  },
];
