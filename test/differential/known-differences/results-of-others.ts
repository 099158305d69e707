import { api, ERRORS, type KnownDifference } from "./known-difference.ts";
import { CRASH, NOT_FOUND, OK, PARAMETER, resultsDiffer, VALIDATION } from "./results.ts";

/** The same for lists, tags, policies, replicas and passwords. */
export const resultsOfOthers: readonly KnownDifference[] = [
  resultsDiffer({
    at: [
      ...["CancelRotateSecret", "DeleteResourcePolicy", "DescribeSecret", "GetResourcePolicy"],
      ...["GetSecretValue", "PutResourcePolicy", "PutSecretValue", "RemoveRegionsFromReplication", "RotateSecret"],
      ...["ReplicateSecretToRegions", "TagResource", "UntagResource", "UpdateSecret", "UpdateSecretVersionStage"],
    ]
      .map((operation) => `${operation}: no such secret`)
      .concat([
        "DeleteSecret: what is gone",
        "RestoreSecret: what is gone",
        "GetSecretValue: an unknown label",
        "GetSecretValue: an unknown version",
        "GetSecretValue: a secret without value",
      ]),
    ours: NOT_FOUND,
    motos: "404 ResourceNotFoundException",
    page: api("DescribeSecret"),
    why: "every operation's page: ResourceNotFoundException has the HTTP status code 400",
  }),
  resultsDiffer({
    at: ["ListSecretVersionIds: no such secret"],
    ours: NOT_FOUND,
    motos: CRASH,
    page: api("ListSecretVersionIds"),
    why: "ResourceNotFoundException, HTTP status code 400",
  }),
  resultsDiffer({
    at: ["TagResource: no tags", "UntagResource: no keys"],
    ours: VALIDATION,
    motos: OK,
    page: api("TagResource"),
    why: "Tags and TagKeys are required",
  }),
  resultsDiffer({
    at: ["GetRandomPassword: of 4,097"],
    ours: VALIDATION,
    motos: "400 InvalidParameterValue",
    page: ERRORS,
    why: "a constraint of the API model (PasswordLength: 1 to 4,096); InvalidParameterValue is no code of Secrets Manager",
  }),
  resultsDiffer({
    at: ["ListSecretVersionIds: an invented token"],
    ours: "400 InvalidNextTokenException",
    motos: OK,
    page: api("ListSecretVersionIds"),
    why: "InvalidNextTokenException: the NextToken value is invalid",
  }),
  resultsDiffer({
    at: [
      "ListSecrets: by an empty list of values",
      "ListSecrets: by 11 values",
      "ListSecrets: by a value with other characters",
    ],
    ours: VALIDATION,
    motos: OK,
    page: api("Filter"),
    why: "Values has 1 to 10 members with certain characters",
  }),
  resultsDiffer({
    at: ["ListSecrets: by 11 filters"],
    ours: PARAMETER,
    motos: OK,
    page: api("ListSecrets"),
    why: "Filters has at most 10 members; the code is that of recorded answers",
  }),
  resultsDiffer({
    at: [
      "ListSecrets: sorted by size",
      "ListSecrets: a page of 101",
      "ListSecrets: a page of none",
      "ListSecretVersionIds: a page of 101",
    ],
    ours: VALIDATION,
    motos: OK,
    page: api("ListSecrets"),
    why: "SortBy has four values, MaxResults is from 1 to 100",
  }),
  resultsDiffer({
    at: ["PutResourcePolicy: a public one, blocked"],
    ours: "400 PublicPolicyException",
    motos: OK,
    page: api("PutResourcePolicy"),
    why: "BlockPublicPolicy blocks policies that allow broad access",
  }),
  resultsDiffer({
    at: ["PutResourcePolicy: no JSON", "PutResourcePolicy: no statement"],
    ours: "400 MalformedPolicyDocumentException",
    motos: OK,
    page: api("PutResourcePolicy"),
    why: "MalformedPolicyDocumentException: the resource policy has syntax errors",
  }),
  resultsDiffer({
    at: ["PutResourcePolicy: 20,481 characters", "PutResourcePolicy: nothing"],
    ours: VALIDATION,
    motos: OK,
    page: api("PutResourcePolicy"),
    why: "ResourcePolicy is required and has 1 to 20,480 characters",
  }),
  resultsDiffer({
    at: ["ValidateResourcePolicy: a policy"],
    ours: OK,
    motos: CRASH,
    page: api("ValidateResourcePolicy"),
    why: "moto does not have the operation",
  }),
  resultsDiffer({
    at: ["ReplicateSecretToRegions: no Region"],
    ours: VALIDATION,
    motos: OK,
    page: api("ReplicateSecretToRegions"),
    why: "AddReplicaRegions has at least one member",
  }),
  resultsDiffer({
    at: ["StopReplicationToReplica: a primary secret"],
    ours: PARAMETER,
    motos: CRASH,
    page: api("StopReplicationToReplica"),
    why: "the call is for replicas; moto does not have the operation",
  }),
  resultsDiffer({
    at: ["GetRandomPassword: of 3 of one type"],
    ours: OK,
    motos: PARAMETER,
    page: api("GetRandomPassword"),
    why: "PasswordLength is from 1 on; only the types that take part have to be there",
  }),
  resultsDiffer({
    at: ["GetRandomPassword: without a type that is required", "GetRandomPassword: without anything"],
    ours: PARAMETER,
    motos: CRASH,
    page: api("GetRandomPassword"),
    why: "InvalidParameterException: the parameter name or value is invalid",
  }),
  resultsDiffer({
    at: ["GetRandomPassword: an exclusion of 4,097 characters"],
    ours: VALIDATION,
    motos: OK,
    page: api("GetRandomPassword"),
    why: "ExcludeCharacters has at most 4,096 characters",
  }),
];
