/** One call of the script. */
export interface Step {
  readonly operation: string;
  /** The body, or how it follows from the answer to the call before, which each server gets from itself. */
  readonly input: unknown;
  /** Unique in the script, so that the table of differences can name it. */
  readonly situation: string;
}

/** Scenarios by what they show. Each begins with empty servers. */
export type Scenarios = Readonly<Record<string, readonly Step[]>>;

export const token = (letter: string): string => letter.repeat(32);

export const step = (operation: string, situation: string, input: unknown): Step => ({
  operation,
  input,
  situation: `${operation}: ${situation}`,
});

export const key = (more: object = {}) => ({ SecretId: "key", ...more });

export const tags = (count: number) => Array.from({ length: count }, (_, index) => ({ Key: `k${index}`, Value: "v" }));

export const aTag = (Key: string, Value: string) => [{ Key, Value }];

export const asBytes = (text: string): string => Buffer.from(text).toString("base64");

export const create = (about: string, more: object = {}) =>
  step("CreateSecret", `to begin with (${about})`, {
    Name: "key",
    ClientRequestToken: token("a"),
    SecretString: "first",
    ...more,
  });

export const put = (situation: string, letter: string, more: object = {}) =>
  step(
    "PutSecretValue",
    situation,
    key({ ClientRequestToken: token(letter), SecretString: `value ${letter}`, ...more }),
  );

export const describeSecret = (situation: string) => step("DescribeSecret", situation, key());

export const POLICY = {
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Principal: { AWS: "arn:aws:iam::123456789012:root" },
      Action: "secretsmanager:*",
      Resource: "*",
    },
  ],
};

export const PUBLIC_POLICY = { ...POLICY, Statement: [{ ...POLICY.Statement[0], Principal: "*" }] };

export const nextPage = (more: object) => (last: { NextToken?: string }) => ({ ...more, NextToken: last.NextToken });
