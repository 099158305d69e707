import type { PolicyStatement } from "./policy-document.ts";

/** Condition keys that narrow "everybody" down to known accounts, organizations, sources or networks. */
const LIMITING_KEYS = new Set(
  [
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceIp",
    "aws:SourceOrgID",
    "aws:SourceOwner",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:userid",
  ].map((key) => key.toLowerCase()),
);

const LIMITING_OPERATORS =
  /^(ForAnyValue:)?(StringEquals|StringLike|StringEqualsIgnoreCase|ArnEquals|ArnLike|IpAddress)$/;

/** Values that limit nothing. */
const EVERYTHING = /^(\*|0\.0\.0\.0\/0|::\/0)$/;

/**
 * Whether a policy allows broad access, "for example those that use a wildcard for the principal" (PutResourcePolicy's
 * page). AWS proves it by automated reasoning; here it is a statement that allows a wildcard, or everybody but some,
 * without a condition that limits who that is.
 */
export const isPublic = (statements: readonly PolicyStatement[]): boolean => statements.some(allowsEverybody);

const allowsEverybody = (statement: PolicyStatement): boolean =>
  statement.Effect === "Allow" &&
  (statement.NotPrincipal !== undefined || hasWildcard(statement)) &&
  !isLimited(statement);

function hasWildcard({ Principal: principal }: PolicyStatement): boolean {
  if (principal === undefined || principal === "*") return principal === "*";
  return [principal.AWS].flat().includes("*");
}

const isLimited = ({ Condition: condition = {} }: PolicyStatement): boolean =>
  Object.entries(condition).some(
    ([operator, tests]) =>
      LIMITING_OPERATORS.test(operator) &&
      Object.entries(tests).some(
        ([key, values]) =>
          LIMITING_KEYS.has(key.toLowerCase()) && [values].flat().every((value) => !EVERYTHING.test(String(value))),
      ),
  );
