/*
 * Decides whether a role's policy allows a request, as IAM does (AWS: "Policy evaluation logic"): statements with Allow,
 * actions and resources with `*` and `?`, and StringEquals on secretsmanager:ResourceTag.
 * Leaves out: Deny, NotAction, NotResource, resource policies, boundaries, session policies, and every other condition,
 * each of which is an error here, so that no statement is judged by half.
 */
export interface PolicyStatement {
  readonly Sid: string;
  readonly Effect: string;
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface AccessRequest {
  readonly action: string;
  /** The ARN; `undefined` where there is none: an action without resources, or a secret by a name that no secret has. */
  readonly resource?: string | undefined;
  /** The resource's tags; none for one that does not exist. */
  readonly tags?: Readonly<Record<string, string>>;
}

const TAG_KEY = "secretsmanager:ResourceTag/";

const asRegExp = (pattern: string): RegExp => {
  const parts = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
  return new RegExp(`^${parts.replaceAll("?", ".")}$`, "s");
};

const matchesAny = (patterns: readonly string[], text: string): boolean =>
  patterns.some((pattern) => asRegExp(pattern).test(text));

const holds = (operator: string, key: string, value: string, request: AccessRequest): boolean => {
  if (operator !== "StringEquals" || !key.startsWith(TAG_KEY))
    throw new Error(`this evaluator does not know the condition ${operator} on ${key}`);
  return request.tags?.[key.slice(TAG_KEY.length)] === value;
};

const applies = (statement: PolicyStatement, request: AccessRequest): boolean => {
  if (statement.Effect !== "Allow") throw new Error(`this evaluator does not know the effect ${statement.Effect}`);
  if (!matchesAny(statement.Action, request.action)) return false;
  if (!matchesAny(statement.Resource, request.resource ?? "")) return false;
  return Object.entries(statement.Condition ?? {}).every(([operator, keys]) =>
    Object.entries(keys).every(([key, value]) => holds(operator, key, value, request)),
  );
};

/** The statement that allows a request; `undefined` when none does, so that it is denied. */
export const allowingStatement = (
  statements: readonly PolicyStatement[],
  request: AccessRequest,
): PolicyStatement | undefined => statements.find((statement) => applies(statement, request));
