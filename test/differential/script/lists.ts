import { aTag, create, describeSecret, key, nextPage, type Scenarios, type Step, step, tags, token } from "./step.ts";

const listsSecrets: readonly Step[] = [
  create("listing", { Description: "Some words here", Tags: aTag("team", "web") }),
  step("CreateSecret", "a second to list", {
    Name: "other/key",
    ClientRequestToken: token("o"),
    SecretString: "x",
    Tags: aTag("Team", "db"),
  }),
  step("CreateSecret", "a third to list", { Name: "gone", ClientRequestToken: token("g"), SecretString: "x" }),
  step("DeleteSecret", "one of those to list", { SecretId: "gone" }),
  step("ListSecrets", "all", {}),
  step("ListSecrets", "with deleted ones", { IncludePlannedDeletion: true }),
  step("ListSecrets", "by name", { Filters: [{ Key: "name", Values: ["ke"] }] }),
  step("ListSecrets", "by name in other case", { Filters: [{ Key: "name", Values: ["KE"] }] }),
  step("ListSecrets", "not by name", { Filters: [{ Key: "name", Values: ["!ke"] }] }),
  step("ListSecrets", "not by either of two names", { Filters: [{ Key: "name", Values: ["!ke", "!other"] }] }),
  step("ListSecrets", "by tag key", { Filters: [{ Key: "tag-key", Values: ["team"] }] }),
  step("ListSecrets", "by tag value", { Filters: [{ Key: "tag-value", Values: ["w"] }] }),
  step("ListSecrets", "by two filters", {
    Filters: [
      { Key: "tag-value", Values: ["w", "d"] },
      { Key: "name", Values: ["other"] },
    ],
  }),
  step("ListSecrets", "by description", { Filters: [{ Key: "description", Values: ["some"] }] }),
  step("ListSecrets", "by a later word of the description", { Filters: [{ Key: "description", Values: ["words"] }] }),
  step("ListSecrets", "by anything", { Filters: [{ Key: "all", Values: ["WEB"] }] }),
  step("ListSecrets", "by owner", { Filters: [{ Key: "owning-service", Values: ["rds"] }] }),
  step("ListSecrets", "by an unknown key", { Filters: [{ Key: "size", Values: ["x"] }] }),
  step("ListSecrets", "by no key", { Filters: [{ Values: ["x"] }] }),
  step("ListSecrets", "by no values", { Filters: [{ Key: "name" }] }),
  step("ListSecrets", "by an empty list of values", { Filters: [{ Key: "name", Values: [] }] }),
  step("ListSecrets", "by 11 values", { Filters: [{ Key: "name", Values: Array(11).fill("x") }] }),
  step("ListSecrets", "by 11 filters", { Filters: Array(11).fill({ Key: "name", Values: ["x"] }) }),
  step("ListSecrets", "by a value with other characters", { Filters: [{ Key: "name", Values: ["a*"] }] }),
  step("ListSecrets", "sorted by name, backwards", { SortBy: "name", SortOrder: "desc" }),
  step("ListSecrets", "sorted by size", { SortBy: "size" }),
  step("ListSecrets", "a page of one", { MaxResults: 1 }),
  step("ListSecrets", "the page after it", nextPage({ MaxResults: 1 })),
  step("ListSecrets", "a page of 101", { MaxResults: 101 }),
  step("ListSecrets", "a page of none", { MaxResults: 0 }),
  step("ListSecrets", "an invented token", { NextToken: "nonsense" }),
];

const tagsSecrets: readonly Step[] = [
  create("tagging", { Tags: aTag("k0", "old") }),
  step("TagResource", "new tags and a new value", key({ Tags: [...aTag("k0", "new"), ...aTag("k1", "v")] })),
  describeSecret("after it was tagged"),
  step("UntagResource", "a tag, and one that is not there", key({ TagKeys: ["k1", "none"] })),
  describeSecret("after a tag was taken off"),
  step("UntagResource", "the last tag", key({ TagKeys: ["k0"] })),
  describeSecret("after the last tag was taken off"),
  step("TagResource", "50 tags", key({ Tags: tags(50) })),
  step("TagResource", "a 51st tag", key({ Tags: aTag("one-more", "v") })),
  step("TagResource", "a key of AWS's", key({ Tags: aTag("aws:k", "v") })),
  step("TagResource", "a key of 129 characters", key({ Tags: aTag("k".repeat(129), "v") })),
  step("TagResource", "a value of 257 characters", key({ Tags: aTag("k", "v".repeat(257)) })),
  step("TagResource", "other characters", key({ Tags: aTag("k*", "v") })),
  step("TagResource", "a key twice", key({ Tags: [...aTag("k1", "1"), ...aTag("k1", "2")] })),
  step("TagResource", "no tags", key()),
  step("UntagResource", "no keys", key()),
  step("TagResource", "no such secret", { SecretId: "none", Tags: aTag("k", "v") }),
  step("UntagResource", "no such secret", { SecretId: "none", TagKeys: ["k"] }),
];

/** How secrets are found and tagged. */
export const lists: Scenarios = {
  "secrets are listed": listsSecrets,
  "secrets are tagged": tagsSecrets,
};
