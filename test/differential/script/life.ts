import { FUNCTION_ARN } from "../our-server.ts";
import {
  aTag,
  create,
  describeSecret,
  key,
  POLICY,
  PUBLIC_POLICY,
  put,
  type Scenarios,
  type Step,
  step,
  token,
} from "./step.ts";

const deletes: readonly Step[] = [
  create("deleting"),
  step("DeleteSecret", "in 6 days", key({ RecoveryWindowInDays: 6 })),
  step("DeleteSecret", "in 31 days", key({ RecoveryWindowInDays: 31 })),
  step("DeleteSecret", "in 7 days and at once", key({ RecoveryWindowInDays: 7, ForceDeleteWithoutRecovery: true })),
  step("DeleteSecret", "in 7 days", key({ RecoveryWindowInDays: 7 })),
  step("DeleteSecret", "again", key()),
  describeSecret("marked for deletion"),
  step("GetSecretValue", "marked for deletion", key()),
  step("GetSecretValue", "an unknown label, marked for deletion", key({ VersionStage: "none" })),
  put("the token with another value, marked for deletion", "a", { SecretString: "other" }),
  step("BatchGetSecretValue", "marked for deletion", { SecretIdList: ["key"] }),
  step("CreateSecret", "the name of one marked for deletion", {
    Name: "key",
    ClientRequestToken: token("b"),
    SecretString: "x",
  }),
  step("CreateSecret", "the same again, marked for deletion", {
    Name: "key",
    ClientRequestToken: token("a"),
    SecretString: "first",
  }),
  put("marked for deletion", "d"),
  step("UpdateSecret", "marked for deletion", key({ Description: "x", ClientRequestToken: token("u") })),
  step(
    "UpdateSecret",
    "the value again, marked for deletion",
    key({ SecretString: "first", ClientRequestToken: token("a") }),
  ),
  step(
    "UpdateSecretVersionStage",
    "an unknown version, marked for deletion",
    key({ VersionStage: "x", MoveToVersionId: token("z") }),
  ),
  step("UpdateSecretVersionStage", "marked for deletion", key({ VersionStage: "x", MoveToVersionId: token("a") })),
  step("TagResource", "marked for deletion", key({ Tags: aTag("k", "v") })),
  step("UntagResource", "marked for deletion", key({ TagKeys: ["k"] })),
  step("RotateSecret", "marked for deletion", key({ ClientRequestToken: token("r"), RotationLambdaARN: FUNCTION_ARN })),
  step("CancelRotateSecret", "marked for deletion", key()),
  step("GetResourcePolicy", "marked for deletion", key()),
  step("PutResourcePolicy", "marked for deletion", key({ ResourcePolicy: JSON.stringify(POLICY) })),
  step("DeleteResourcePolicy", "marked for deletion", key()),
  step("ListSecretVersionIds", "marked for deletion", key()),
  step("RestoreSecret", "marked for deletion", key()),
  step("RestoreSecret", "not marked for deletion", key()),
  step("DeleteSecret", "at once", key({ ForceDeleteWithoutRecovery: true })),
  step("DeleteSecret", "at once, what is gone", key({ ForceDeleteWithoutRecovery: true })),
  step("DeleteSecret", "what is gone", key()),
  step("RestoreSecret", "what is gone", key()),
];

const replicatesDeleted: readonly Step[] = [
  create("replicating what is marked for deletion"),
  step("DeleteSecret", "one to be replicated", key()),
  step("ReplicateSecretToRegions", "marked for deletion", key({ AddReplicaRegions: [{ Region: "eu-west-1" }] })),
];

const hasPolicies: readonly Step[] = [
  create("policies"),
  step("GetResourcePolicy", "none there", key()),
  step("PutResourcePolicy", "a policy", key({ ResourcePolicy: JSON.stringify(POLICY) })),
  step("GetResourcePolicy", "one that was put", key()),
  step("PutResourcePolicy", "a public one", key({ ResourcePolicy: JSON.stringify(PUBLIC_POLICY) })),
  step(
    "PutResourcePolicy",
    "a public one, blocked",
    key({ ResourcePolicy: JSON.stringify(PUBLIC_POLICY), BlockPublicPolicy: true }),
  ),
  step("PutResourcePolicy", "no JSON", key({ ResourcePolicy: "{" })),
  step("PutResourcePolicy", "no statement", key({ ResourcePolicy: '{"Version":"2012-10-17"}' })),
  step(
    "PutResourcePolicy",
    "20,481 characters",
    key({ ResourcePolicy: `${JSON.stringify(POLICY)}${" ".repeat(20_481)}` }),
  ),
  step("PutResourcePolicy", "nothing", key()),
  step("DeleteResourcePolicy", "a policy", key()),
  step("DeleteResourcePolicy", "none there", key()),
  step("GetResourcePolicy", "one that was deleted", key()),
  step("GetResourcePolicy", "no such secret", { SecretId: "none" }),
  step("PutResourcePolicy", "no such secret", { SecretId: "none", ResourcePolicy: JSON.stringify(POLICY) }),
  step("DeleteResourcePolicy", "no such secret", { SecretId: "none" }),
  step("ValidateResourcePolicy", "a policy", { ResourcePolicy: JSON.stringify(POLICY) }),
];

const replicates: readonly Step[] = [
  create("replicas"),
  step(
    "ReplicateSecretToRegions",
    "two",
    key({ AddReplicaRegions: [{ Region: "eu-west-1" }, { Region: "eu-west-3" }] }),
  ),
  describeSecret("with replicas"),
  step("ListSecrets", "with replicas", {}),
  step("ListSecrets", "by primary Region", { Filters: [{ Key: "primary-region", Values: ["us-east-1"] }] }),
  step("ReplicateSecretToRegions", "the primary Region", key({ AddReplicaRegions: [{ Region: "us-east-1" }] })),
  step("ReplicateSecretToRegions", "no Region", key({ AddReplicaRegions: [] })),
  step("ReplicateSecretToRegions", "no code of a Region", key({ AddReplicaRegions: [{ Region: "Europe" }] })),
  step("ReplicateSecretToRegions", "no such secret", {
    SecretId: "none",
    AddReplicaRegions: [{ Region: "eu-west-1" }],
  }),
  step("DeleteSecret", "with replicas", key()),
  step("RemoveRegionsFromReplication", "one of two", key({ RemoveReplicaRegions: ["eu-west-1"] })),
  step("RemoveRegionsFromReplication", "one that is not there", key({ RemoveReplicaRegions: ["eu-west-1"] })),
  step("RemoveRegionsFromReplication", "no such secret", { SecretId: "none", RemoveReplicaRegions: ["eu-west-1"] }),
  step("StopReplicationToReplica", "a primary secret", key()),
  step("CreateSecret", "with a replica", {
    Name: "two",
    ClientRequestToken: token("b"),
    AddReplicaRegions: [{ Region: "eu-west-1", KmsKeyId: "alias/k" }],
  }),
];

const makesPasswords: readonly Step[] = [
  step("GetRandomPassword", "32 characters", {}),
  step("GetRandomPassword", "of 100", { PasswordLength: 100, ExcludePunctuation: true, IncludeSpace: true }),
  step("GetRandomPassword", "of 3", { PasswordLength: 3 }),
  step("GetRandomPassword", "of 3 of one type", {
    PasswordLength: 3,
    ExcludeNumbers: true,
    ExcludeUppercase: true,
    ExcludePunctuation: true,
  }),
  step("GetRandomPassword", "of none", { PasswordLength: 0 }),
  step("GetRandomPassword", "of 4,097", { PasswordLength: 4097 }),
  step("GetRandomPassword", "without a type that is required", { ExcludeCharacters: "0123456789" }),
  step("GetRandomPassword", "without anything", {
    ExcludeNumbers: true,
    ExcludeUppercase: true,
    ExcludeLowercase: true,
    ExcludePunctuation: true,
  }),
  step("GetRandomPassword", "an exclusion of 4,097 characters", { ExcludeCharacters: "x".repeat(4097) }),
];

/** How secrets are deleted, shared and replicated; and passwords. */
export const life: Scenarios = {
  "secrets are deleted": deletes,
  "a secret marked for deletion is replicated": replicatesDeleted,
  "secrets have policies": hasPolicies,
  "secrets are replicated": replicates,
  "passwords are made": makesPasswords,
};
