import { EKSClient } from "@aws-sdk/client-eks";
import { serveOnLoopback } from "./serve-on-loopback.ts";

/*
 * EKS's DescribeCluster, for the SDK's own client. Written from the Amazon EKS API reference (DescribeCluster, Common Errors).
 * Leaves out: signatures, regions, every other operation.
 */
export interface DescribedCluster {
  readonly endpoint?: string;
  readonly certificateAuthority?: { readonly data: string };
  readonly accessConfig?: { readonly authenticationMode: string };
  readonly status: string;
}

/** A cluster that is there, or the name of the error that describing it ends with. */
export type Described = DescribedCluster | "ResourceNotFoundException" | "AccessDeniedException" | "ServerException";

const STATUS = { ResourceNotFoundException: 404, AccessDeniedException: 403, ServerException: 500 } as const;

/** Serves it until the test ends. @returns a client for it, and the names that were asked for */
export const serveEks = async (describe: (name: string) => Described) => {
  const asked: string[] = [];
  const endpoint = await serveOnLoopback((request, response) => {
    const name = decodeURIComponent((request.url ?? "").replace("/clusters/", ""));
    asked.push(name);
    const found = describe(name);
    response.setHeader("Content-Type", "application/json");
    if (typeof found === "object") return void response.end(JSON.stringify({ cluster: { name, ...found } }));
    response.statusCode = STATUS[found];
    response.setHeader("x-amzn-ErrorType", found);
    response.end(JSON.stringify({ message: `no: ${found}` }));
  });
  const credentials = { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "none" };
  const client = (region: string) => new EKSClient({ endpoint, region, credentials, maxAttempts: 1 });
  return { client, asked };
};
