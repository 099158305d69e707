import { request } from "node:http";
import { z } from "zod";
import { REGISTRY_HOST } from "./provider-source.ts";

const CHECK_TIMEOUT_MS = 3_000;

/** The registry's discovery document (Terraform's "Remote Service Discovery"); a captive page is none. */
const Discovery = z.object({ "providers.v1": z.string() });

const answersItself = async (host: string): Promise<boolean> => {
  try {
    const signal = AbortSignal.timeout(CHECK_TIMEOUT_MS);
    const answer = await fetch(`https://${host}/.well-known/terraform.json`, { signal });
    return answer.ok && Discovery.safeParse(await answer.json()).success;
  } catch {
    return false; // no network, no name, no answer in time, not JSON: all mean that Terraform cannot use it
  }
};

/** Whether a proxy opens a tunnel to the host. */
const opensTunnel = (proxy: URL, host: string): Promise<boolean> =>
  new Promise((resolve) => {
    const connect = request({
      host: proxy.hostname,
      port: proxy.port || 80,
      method: "CONNECT",
      path: `${host}:443`,
      signal: AbortSignal.timeout(CHECK_TIMEOUT_MS),
    });
    connect.on("connect", (answer, socket) => {
      socket.destroy();
      resolve(answer.statusCode === 200);
    });
    connect.on("response", () => resolve(false));
    connect.on("error", () => resolve(false));
    connect.end();
  });

/**
 * Whether Terraform's registry can be reached, decided within three seconds. Terraform goes through the proxy of
 * `HTTPS_PROXY`, which Node 20's fetch does not, so that then the proxy is asked for a tunnel instead.
 */
export const isRegistryReachable = (environment: NodeJS.ProcessEnv, host: string = REGISTRY_HOST): Promise<boolean> => {
  const proxy = environment.HTTPS_PROXY || environment.https_proxy;
  if (!proxy) return answersItself(host);
  const address = proxy.includes("://") ? proxy : `http://${proxy}`;
  return URL.canParse(address) ? opensTunnel(new URL(address), host) : Promise.resolve(false);
};
