/** The environment variables by which the functions of a deployment know each other. */
export const ENVIRONMENT = {
  /** The name of `manage`, for reconcile: it repairs a missing first generation. */
  manageFunction: "KEYTURN_MANAGE_FUNCTION",
  /** The name of `distribute`, for whoever promotes or watches a version. */
  distributeFunction: "KEYTURN_DISTRIBUTE_FUNCTION",
} as const;
