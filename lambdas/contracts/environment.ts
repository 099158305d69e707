/** The environment variables by which the functions of a deployment know each other. */
export const ENVIRONMENT = {
  /** The name of `manage`, for reconcile: it repairs a missing first generation. */
  manageFunction: "KEYTURN_MANAGE_FUNCTION",
  /** The name of `distribute`, for whoever promotes or watches a version. */
  distributeFunction: "KEYTURN_DISTRIBUTE_FUNCTION",
} as const;

/** Environment variables by which Node.js itself reaches what is outside through a proxy: 22.21 and newer. */
export const PROXY_ENVIRONMENT = {
  proxy: "HTTPS_PROXY",
  without: "NO_PROXY",
  /** `1`: the two are heeded. */
  use: "NODE_USE_ENV_PROXY",
} as const;

/**
 * What an agent of Node.js must be told to go by the proxy of the environment, as `fetch` does by itself.
 * @returns `proxyEnv` for the agent's options; nothing where no proxy is to be used
 */
export const proxyOptions = (
  environment: Readonly<Record<string, string | undefined>>,
): { readonly proxyEnv?: Readonly<Record<string, string | undefined>> } =>
  environment[PROXY_ENVIRONMENT.use] === "1" ? { proxyEnv: environment } : {};
