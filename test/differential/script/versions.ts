import { asBytes, aTag, create, describeSecret, key, put, type Scenarios, type Step, step, token } from "./step.ts";

const putsValues: readonly Step[] = [
  create("putting"),
  put("a new value", "b"),
  put("the same again", "b"),
  put("the token with another value", "b", { SecretString: "other" }),
  put("the current version's token with another value", "b", { SecretString: "third" }),
  put("labels", "c", { VersionStages: ["mine", "AWSPENDING"] }),
  put("the pending version again, with another value", "c", { SecretString: "other", VersionStages: ["AWSPENDING"] }),
  step("CreateSecret", "the token of a pending version", {
    Name: "key",
    ClientRequestToken: token("c"),
    SecretString: "x",
  }),
  describeSecret("after a token was used twice"),
  put("a value by hand while one is pending", "d"),
  describeSecret("after a value by hand while one was pending"),
  put("AWSCURRENT with a label of another version", "e", { VersionStages: ["AWSCURRENT", "mine"] }),
  describeSecret("after AWSCURRENT came with a label"),
  put("AWSCURRENT leaves a version with a label", "f"),
  describeSecret("after AWSCURRENT left a version with a label"),
  put("no token", "g", { ClientRequestToken: undefined }),
  put("a token of 5 characters", "g", { ClientRequestToken: "short" }),
  put("no value", "g", { SecretString: undefined }),
  put("text and bytes", "g", { SecretBinary: asBytes("x") }),
  put("more than 64 KB", "h", { SecretString: "x".repeat(65_537) }),
  put("no labels in the list of labels", "i", { VersionStages: [] }),
  put("a label of 257 characters", "j", { VersionStages: ["l".repeat(257)] }),
  put("21 labels", "k", { VersionStages: Array.from({ length: 21 }, (_, index) => `l${index}`) }),
  put("a malformed RotationToken", "l", { RotationToken: "short" }),
  step("PutSecretValue", "no such secret", { SecretId: "none", ClientRequestToken: token("m"), SecretString: "x" }),
  step("CreateSecret", "without value, for putting", { Name: "empty", ClientRequestToken: token("e") }),
  step("PutSecretValue", "the first value, pending", {
    SecretId: "empty",
    ClientRequestToken: token("n"),
    SecretString: "x",
    VersionStages: ["AWSPENDING"],
  }),
];

const putsLabels: readonly Step[] = [
  create("putting labels"),
  put("AWSCURRENT and AWSPREVIOUS together", "b", { VersionStages: ["AWSCURRENT", "AWSPREVIOUS"] }),
  step("CreateSecret", "the same again, while another version is current", {
    Name: "key",
    ClientRequestToken: token("a"),
    SecretString: "first",
  }),
];

const putsPendingAgain: readonly Step[] = [
  create("putting what is pending"),
  put("a value, pending", "b", { VersionStages: ["AWSPENDING"] }),
  put("the pending version again, with its value and other labels", "b", { VersionStages: ["AWSCURRENT", "mine"] }),
];

const createsPendingAgain: readonly Step[] = [
  create("creating what is pending", { Tags: aTag("k", "v") }),
  put("a value, pending, to be created", "b", { VersionStages: ["AWSPENDING"] }),
  step("CreateSecret", "the same again, while it is pending", {
    Name: "key",
    ClientRequestToken: token("b"),
    SecretString: "value b",
  }),
  describeSecret("after it was created again while pending"),
];

const movesLabels: readonly Step[] = [
  create("labels"),
  put("for labels", "b"),
  step(
    "UpdateSecretVersionStage",
    "AWSCURRENT to where it is",
    key({ VersionStage: "AWSCURRENT", MoveToVersionId: token("b") }),
  ),
  put("one more for labels", "c", { VersionStages: ["mine"] }),
  step("UpdateSecretVersionStage", "a new label", key({ VersionStage: "yours", MoveToVersionId: token("a") })),
  step(
    "UpdateSecretVersionStage",
    "a label that another version has",
    key({ VersionStage: "mine", MoveToVersionId: token("a") }),
  ),
  describeSecret("after a label was given that another version has"),
  step(
    "UpdateSecretVersionStage",
    "a label off the wrong version",
    key({ VersionStage: "yours", RemoveFromVersionId: token("b") }),
  ),
  step(
    "UpdateSecretVersionStage",
    "a label off its version",
    key({ VersionStage: "yours", RemoveFromVersionId: token("a") }),
  ),
  step(
    "UpdateSecretVersionStage",
    "AWSCURRENT off",
    key({ VersionStage: "AWSCURRENT", RemoveFromVersionId: token("b") }),
  ),
  step(
    "UpdateSecretVersionStage",
    "AWSCURRENT without saying from where",
    key({ VersionStage: "AWSCURRENT", MoveToVersionId: token("a") }),
  ),
  step("UpdateSecretVersionStage", "an unknown version", key({ VersionStage: "mine", MoveToVersionId: token("z") })),
  step("UpdateSecretVersionStage", "neither version", key({ VersionStage: "mine" })),
  step("UpdateSecretVersionStage", "no label", key({ MoveToVersionId: token("a") })),
  step("UpdateSecretVersionStage", "no such secret", {
    SecretId: "none",
    VersionStage: "x",
    MoveToVersionId: token("a"),
  }),
];

const movesLabelsNowhere: readonly Step[] = [
  create("a label that would go nowhere"),
  step(
    "UpdateSecretVersionStage",
    "from its version to an unknown one",
    key({ VersionStage: "AWSCURRENT", RemoveFromVersionId: token("a"), MoveToVersionId: token("z") }),
  ),
  describeSecret("after a label would have gone nowhere"),
];

const movesCurrent: readonly Step[] = [
  create("AWSCURRENT"),
  put("for AWSCURRENT", "b"),
  step(
    "UpdateSecretVersionStage",
    "AWSCURRENT back",
    key({ VersionStage: "AWSCURRENT", MoveToVersionId: token("a"), RemoveFromVersionId: token("b") }),
  ),
  describeSecret("after AWSCURRENT went back"),
  step("GetSecretValue", "after AWSCURRENT went back", key()),
  step("ListSecrets", "what has been read", {}),
  put("after AWSCURRENT went back", "c"),
  describeSecret("after a value that followed AWSCURRENT's going back"),
];

const listsVersions: readonly Step[] = [
  create("versions"),
  put("a second version", "b"),
  put("a third version", "c"),
  step("ListSecretVersionIds", "those with labels", key()),
  step("ListSecretVersionIds", "deprecated ones too", key({ IncludeDeprecated: true })),
  step("ListSecretVersionIds", "a page of one", key({ IncludeDeprecated: true, MaxResults: 1 })),
  step("ListSecretVersionIds", "a page of 101", key({ MaxResults: 101 })),
  step("ListSecretVersionIds", "an invented token", key({ NextToken: "nonsense" })),
  step("ListSecretVersionIds", "no such secret", { SecretId: "none" }),
  describeSecret("a deprecated version"),
  step("ListSecrets", "a deprecated version", {}),
];

/** How versions are put, labelled and listed. */
export const versions: Scenarios = {
  "values are put": putsValues,
  "labels are put": putsLabels,
  "a pending version is put again": putsPendingAgain,
  "a pending version is created again": createsPendingAgain,
  "labels move": movesLabels,
  "a label would go nowhere": movesLabelsNowhere,
  "AWSCURRENT moves": movesCurrent,
  "versions are listed": listsVersions,
};
