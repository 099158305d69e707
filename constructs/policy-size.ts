/** What only a deploy knows, as a CDKTF token or as Terraform's reference. */
const UNKNOWN = /\$\{[^}]*\}/g;
const WHOLE_TEXT = /"\$\{[^}]*\}"/g;

/** A whole ARN has at least so many characters: `arn:aws:sns:us-east-1:000000000000:t`. */
const LEAST_ARN = 36;
/** Parts of ARNs: a partition has 3 characters, a region 9, an account 12. */
const LEAST_PART = 3;

/**
 * The characters that IAM counts of a policy. What only a deploy knows is counted as short as it can be, so that a policy which is
 * refused for its size would be refused by AWS.
 * @param known what some of it is at the least, by its token
 */
export const policyCharacters = (document: string, known: Readonly<Record<string, string>> = {}): number =>
  Object.entries(known)
    .reduce((text, [token, least]) => text.replaceAll(token, least), document)
    .replaceAll(WHOLE_TEXT, `"${"x".repeat(LEAST_ARN)}"`)
    .replaceAll(UNKNOWN, "x".repeat(LEAST_PART))
    .replaceAll(/\s/g, "").length;
