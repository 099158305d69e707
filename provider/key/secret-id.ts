/** Also a part of it, without AWS's last six characters, as AWS takes it. */
const ARN = /^arn:[\w-]+:secretsmanager:[\w-]+:\d{12}:secret:[A-Za-z0-9/_+=.@-]{1,519}$/;
/** AWS: CreateSecret, "Name". */
const NAME = /^[A-Za-z0-9/_+=.@-]{1,512}$/;

/** Whether a text has the form. Which secret it means, Secrets Manager alone knows: a name may end as an ARN does. */
export const isSecretId = (text: string): boolean => (text.startsWith("arn:") ? ARN.test(text) : NAME.test(text));
