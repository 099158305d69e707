const PREFIX = "k8s-aws-v1.";

/** The same token for EKS, with one parameter of its signed request changed. */
export const tampered = (token: string, parameter: string, value: string): string => {
  const url = new URL(Buffer.from(token.slice(PREFIX.length), "base64url").toString());
  url.searchParams.set(parameter, value);
  return `${PREFIX}${Buffer.from(url.href).toString("base64url")}`;
};
