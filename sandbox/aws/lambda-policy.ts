import { z } from "zod";

const OneOrMore = z.union([z.string(), z.array(z.string())]);
const Statement = z.object({
  Effect: z.enum(["Allow", "Deny"]),
  Principal: z.union([z.string(), z.record(z.string(), OneOrMore)]).optional(),
  Action: OneOrMore.optional(),
  Condition: z.record(z.string(), z.record(z.string(), OneOrMore)).optional(),
});
const Policy = z.object({ Statement: z.union([Statement, z.array(Statement)]) });

type PolicyStatement = z.infer<typeof Statement>;

const SERVICE = "secretsmanager.amazonaws.com";
const ACTIONS = ["lambda:invokefunction", "lambda:*", "*"];

const listOf = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === "string" ? [value] : value;

const concernsSecretsManager = ({ Principal, Action }: PolicyStatement): boolean => {
  const services = typeof Principal === "string" ? [Principal] : listOf(Principal?.Service ?? Principal?.AWS);
  const principal = services.some((service) => service === SERVICE || service === "*");
  return principal && listOf(Action).some((action) => ACTIONS.includes(action.toLowerCase()));
};

/** Values of a condition key, whatever the operator: IAM's keys do not tell upper from lower case. */
const conditionValues = ({ Condition }: PolicyStatement, key: string): readonly string[] | undefined => {
  const pairs = Object.values(Condition ?? {}).flatMap((operator) => Object.entries(operator));
  const found = pairs.filter(([name]) => name.toLowerCase() === key);
  return found.length === 0 ? undefined : found.flatMap(([, values]) => listOf(values));
};

const conditionsHold = (statement: PolicyStatement, account: string): boolean => {
  const accounts = conditionValues(statement, "aws:sourceaccount");
  const sources = conditionValues(statement, "aws:sourcearn");
  const accountHolds = !accounts || accounts.includes(account);
  return accountHolds && (!sources || sources.some((arn) => arn.split(":")[2] === "secretsmanager"));
};

/**
 * Whether a function's resource policy lets Secrets Manager of `account` invoke it. A denial wins.
 * Leaves out: condition keys besides the source's account and ARN, and which single secret a source ARN names.
 * @param policyJson the `Policy` of Lambda's GetPolicy
 * @throws when that is not a policy
 */
export const allowsSecretsManager = (policyJson: string, account: string): boolean => {
  const { Statement: statements } = Policy.parse(JSON.parse(policyJson));
  const concerning = (Array.isArray(statements) ? statements : [statements])
    .filter(concernsSecretsManager)
    .filter((statement) => conditionsHold(statement, account));
  return concerning.length > 0 && concerning.every((statement) => statement.Effect === "Allow");
};
