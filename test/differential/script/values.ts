import {
  asBytes,
  aTag,
  create,
  describeSecret,
  key,
  nextPage,
  put,
  type Scenarios,
  type Step,
  step,
  tags,
  token,
} from "./step.ts";

const createsSecrets: readonly Step[] = [
  create("creating", { Description: "d", Tags: aTag("k", "v") }),
  step("CreateSecret", "the same again", { Name: "key", ClientRequestToken: token("a"), SecretString: "first" }),
  step("CreateSecret", "the token with another value", {
    Name: "key",
    ClientRequestToken: token("a"),
    SecretString: "other",
  }),
  step("CreateSecret", "a name that is taken", { Name: "key", ClientRequestToken: token("b"), SecretString: "first" }),
  step("CreateSecret", "no value", { Name: "empty", ClientRequestToken: token("a") }),
  step("CreateSecret", "bytes", { Name: "bytes", ClientRequestToken: token("a"), SecretBinary: asBytes("x") }),
  step("CreateSecret", "no token", { Name: "no-token", SecretString: "x" }),
  step("CreateSecret", "text and bytes", {
    Name: "both",
    ClientRequestToken: token("a"),
    SecretString: "x",
    SecretBinary: asBytes("x"),
  }),
  step("CreateSecret", "bytes that are not base64", { Name: "b64", ClientRequestToken: token("a"), SecretBinary: "%" }),
  step("CreateSecret", "64 KB", { Name: "large", ClientRequestToken: token("a"), SecretString: "x".repeat(65_536) }),
  step("CreateSecret", "more than 64 KB", {
    Name: "larger",
    ClientRequestToken: token("a"),
    SecretString: "x".repeat(65_537),
  }),
  step("CreateSecret", "an empty text", { Name: "nothing", ClientRequestToken: token("a"), SecretString: "" }),
  step("CreateSecret", "a name of 512 characters", { Name: "n".repeat(512), ClientRequestToken: token("a") }),
  step("CreateSecret", "a name of 513 characters", { Name: "n".repeat(513), ClientRequestToken: token("a") }),
  step("CreateSecret", "other characters in the name", { Name: "na me", ClientRequestToken: token("a") }),
  step("CreateSecret", "an empty name", { Name: "", ClientRequestToken: token("a") }),
  step("CreateSecret", "no name", { ClientRequestToken: token("a") }),
  step("CreateSecret", "a name that is a number", { Name: 5, ClientRequestToken: token("a") }),
  step("CreateSecret", "a description of 2,049 characters", {
    Name: "long",
    Description: "d".repeat(2049),
    ClientRequestToken: token("a"),
  }),
  step("CreateSecret", "a token of 31 characters", {
    Name: "t31",
    SecretString: "x",
    ClientRequestToken: "t".repeat(31),
  }),
  step("CreateSecret", "a token of 65 characters", {
    Name: "t65",
    SecretString: "x",
    ClientRequestToken: "t".repeat(65),
  }),
  step("CreateSecret", "50 tags", { Name: "tags50", Tags: tags(50), ClientRequestToken: token("a") }),
  step("CreateSecret", "51 tags", { Name: "tags51", Tags: tags(51), ClientRequestToken: token("a") }),
  step("CreateSecret", "a tag's key of 129 characters", {
    Name: "tk",
    Tags: aTag("k".repeat(129), "v"),
    ClientRequestToken: token("a"),
  }),
  step("CreateSecret", "a tag's value of 257 characters", {
    Name: "tv",
    Tags: aTag("k", "v".repeat(257)),
    ClientRequestToken: token("a"),
  }),
  step("CreateSecret", "a tag's key twice", {
    Name: "t2",
    Tags: [...aTag("k", "1"), ...aTag("k", "2")],
    ClientRequestToken: token("a"),
  }),
  step("CreateSecret", "a tag's key of AWS's", {
    Name: "ta",
    Tags: aTag("aws:k", "v"),
    ClientRequestToken: token("a"),
  }),
  step("CreateSecret", "other characters in a tag", {
    Name: "tc",
    Tags: aTag("k", "{}"),
    ClientRequestToken: token("a"),
  }),
  step("CreateSecret", "an external secret", { Name: "ex", Type: "Partner", ClientRequestToken: token("a") }),
  step("CreateSecret", "a body that is not JSON", "{"),
  step("ReadSecret", "an operation that nobody knows", {}),
  step("ListSecrets", "after creating", {}),
];

const readsValues: readonly Step[] = [
  create("reading"),
  put("a second value", "b"),
  put("a third value", "c", { VersionStages: ["AWSPENDING", "mine"] }),
  step("GetSecretValue", "the current one", key()),
  step("GetSecretValue", "by label", key({ VersionStage: "AWSPREVIOUS" })),
  step("GetSecretValue", "by a label of one's own", key({ VersionStage: "mine" })),
  step("GetSecretValue", "by version", key({ VersionId: token("a") })),
  step("GetSecretValue", "by version and its label", key({ VersionId: token("b"), VersionStage: "AWSCURRENT" })),
  step("GetSecretValue", "by version and another's label", key({ VersionId: token("a"), VersionStage: "AWSCURRENT" })),
  step("GetSecretValue", "an unknown label", key({ VersionStage: "none" })),
  step("GetSecretValue", "an unknown version", key({ VersionId: token("z") })),
  step("GetSecretValue", "a version id of 5 characters", key({ VersionId: "short" })),
  step("GetSecretValue", "a label of 257 characters", key({ VersionStage: "l".repeat(257) })),
  step("GetSecretValue", "no such secret", { SecretId: "none" }),
  step("GetSecretValue", "no id", {}),
  step("CreateSecret", "without value, for reading", { Name: "empty", ClientRequestToken: token("e") }),
  step("GetSecretValue", "a secret without value", { SecretId: "empty" }),
  step("DescribeSecret", "a secret without value", { SecretId: "empty" }),
  describeSecret("three versions"),
  step("DescribeSecret", "no such secret", { SecretId: "none" }),
  step("DescribeSecret", "no id", {}),
  step("CreateSecret", "bytes, for reading", {
    Name: "bytes",
    ClientRequestToken: token("f"),
    SecretBinary: asBytes("\u0000\u00ff"),
  }),
  step("GetSecretValue", "bytes", { SecretId: "bytes" }),
  step("BatchGetSecretValue", "by ids", { SecretIdList: ["key", "bytes"] }),
  step("BatchGetSecretValue", "what cannot be read", { SecretIdList: ["none", "key"] }),
  step("BatchGetSecretValue", "a secret without value", { SecretIdList: ["empty"] }),
  step("BatchGetSecretValue", "by filter", { Filters: [{ Key: "name", Values: ["ke"] }] }),
  step("BatchGetSecretValue", "both ways at once", {
    SecretIdList: ["key"],
    Filters: [{ Key: "name", Values: ["ke"] }],
  }),
  step("BatchGetSecretValue", "neither way", {}),
  step("BatchGetSecretValue", "a page of ids", { SecretIdList: ["key"], MaxResults: 1 }),
  step("BatchGetSecretValue", "a page of 21", { Filters: [{ Key: "name", Values: ["ke"] }], MaxResults: 21 }),
  step("BatchGetSecretValue", "21 ids", { SecretIdList: Array(21).fill("key") }),
  step("BatchGetSecretValue", "a page of one", { Filters: [{ Key: "name", Values: ["key", "bytes"] }], MaxResults: 1 }),
  step(
    "BatchGetSecretValue",
    "the page after it",
    nextPage({ Filters: [{ Key: "name", Values: ["key", "bytes"] }], MaxResults: 1 }),
  ),
  step("BatchGetSecretValue", "an invented token", {
    Filters: [{ Key: "name", Values: ["key"] }],
    NextToken: "nonsense",
  }),
];

const updates: readonly Step[] = [
  create("updating", { Description: "old", Tags: aTag("k", "v") }),
  step("UpdateSecret", "the description", key({ Description: "new", ClientRequestToken: token("u") })),
  describeSecret("after its description changed"),
  step("UpdateSecret", "the value", key({ SecretString: "second", ClientRequestToken: token("b") })),
  step(
    "UpdateSecret",
    "the value again, with its token",
    key({ SecretString: "second", ClientRequestToken: token("b") }),
  ),
  step("UpdateSecret", "a token in use", key({ SecretString: "third", ClientRequestToken: token("b") })),
  step("UpdateSecret", "the key", key({ KmsKeyId: "alias/other", ClientRequestToken: token("v") })),
  describeSecret("after its key changed"),
  step("UpdateSecret", "an empty description", key({ Description: "", ClientRequestToken: token("w") })),
  describeSecret("after its description was taken off"),
  step("UpdateSecret", "no token", key({ SecretString: "x" })),
  step(
    "UpdateSecret",
    "text and bytes",
    key({ SecretString: "x", SecretBinary: asBytes("x"), ClientRequestToken: token("x") }),
  ),
  step(
    "UpdateSecret",
    "a description of 2,049 characters",
    key({ Description: "d".repeat(2049), ClientRequestToken: token("y") }),
  ),
  step("UpdateSecret", "no such secret", { SecretId: "none", Description: "x", ClientRequestToken: token("z") }),
];

const updatesWithToken: readonly Step[] = [
  create("updating with a token"),
  step("UpdateSecret", "no value, a token in use", key({ Description: "new", ClientRequestToken: token("a") })),
];

const losesTheLastTag: readonly Step[] = [
  create("losing the last tag", { Tags: aTag("k", "v") }),
  step("UntagResource", "the only tag", key({ TagKeys: ["k"] })),
  put("after the last tag was taken off", "b"),
  describeSecret("with a value that followed the last tag"),
  step("ListSecrets", "with a value that followed the last tag", {}),
];

/** How secrets are created and their values read and changed. */
export const values: Scenarios = {
  "secrets are created": createsSecrets,
  "values are read": readsValues,
  "secrets are updated": updates,
  "secrets are updated with a token in use": updatesWithToken,
  "the last tag is taken off": losesTheLastTag,
};
