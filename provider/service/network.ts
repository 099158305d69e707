import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { errorProblem, ProblemError } from "../protocol/problem.ts";
import { type Bypass, bypassOf } from "./no-proxy.ts";

/** A proxy that the environment names. Its URL may have a password. */
export interface HttpProxy {
  readonly url: URL;
  readonly variable: string;
}

/** How AWS is reached, as far as the environment says it. */
export interface Network {
  readonly forHttps: HttpProxy | undefined;
  readonly forHttp: HttpProxy | undefined;
  readonly bypass: Bypass;
  /** Certificates that are trusted instead of those that Node.js knows, as PEM. */
  readonly certificates: string | undefined;
}

type Environment = NodeJS.ProcessEnv;

const set = (environment: Environment, name: string): string | undefined =>
  [name, name.toLowerCase()].find((one) => environment[one]);

const refuse = (variable: string, why: string): never => {
  throw new ProblemError(
    errorProblem(`${variable} cannot be used`, `${why}\n\nCorrect or unset ${variable} where Terraform runs.`),
  );
};

const proxyOf = (environment: Environment, name: string): HttpProxy | undefined => {
  const variable = set(environment, name);
  if (variable === undefined) return undefined;
  const text = environment[variable] ?? "";
  const whole = text.includes("://") ? text : `http://${text}`;
  // The text may have a password, and is not repeated.
  if (!URL.canParse(whole)) return refuse(variable, "It is no URL of a proxy.");
  const url = new URL(whole);
  if (/^https?:$/.test(url.protocol)) return { url, variable };
  return refuse(variable, `It names a proxy of the kind ${url.protocol}//; the provider uses http:// and https://.`);
};

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;
const BUNDLE = "AWS_CA_BUNDLE";

const certificatesOf = (path: string): string => {
  try {
    const pem = readFileSync(path, "utf8").match(CERTIFICATE) ?? [];
    for (const one of pem) new X509Certificate(one);
    return pem.length > 0 ? pem.join("\n") : refuse(BUNDLE, `${path} has no certificate in PEM.`);
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    return refuse(BUNDLE, `The certificates in ${path} cannot be read: ${(error as Error).message}`);
  }
};

/**
 * What the environment says of the way to AWS: HTTPS_PROXY, HTTP_PROXY, NO_PROXY, each in small letters too, and AWS_CA_BUNDLE.
 * @returns `undefined` where it says nothing
 * @throws ProblemError that names the variable whose value cannot be used
 */
export const networkOf = (environment: Environment): Network | undefined => {
  const [forHttps, forHttp] = [proxyOf(environment, "HTTPS_PROXY"), proxyOf(environment, "HTTP_PROXY")];
  const certificates = environment[BUNDLE] ? certificatesOf(environment[BUNDLE]) : undefined;
  if (!forHttps && !forHttp && certificates === undefined) return undefined;
  const bypass = bypassOf(environment[set(environment, "NO_PROXY") ?? ""] ?? "");
  return { forHttps, forHttp, bypass, certificates };
};
