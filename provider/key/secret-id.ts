const ARN = /^arn:[\w-]+:secretsmanager:[\w-]+:\d{12}:secret:(.+)-[A-Za-z0-9]{6}$/;
/** AWS: CreateSecret, "Name". */
const NAME = /^[A-Za-z0-9/_+=.@-]{1,512}$/;

export const isSecretId = (text: string): boolean => (text.startsWith("arn:") ? ARN.test(text) : NAME.test(text));

/** The name in an ARN (AWS ends it with a hyphen and six characters of its own); a name stays what it is. */
export const secretNameOf = (secretId: string): string => ARN.exec(secretId)?.[1] ?? secretId;

/** Whether two ids mean one secret: one may be its ARN and the other its name. Two ARNs must be the same. */
export const sameSecret = (a: string, b: string): boolean => {
  if (a.startsWith("arn:") && b.startsWith("arn:")) return a === b;
  return secretNameOf(a) === secretNameOf(b);
};
