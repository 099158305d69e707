/** The environment variables by which the functions of a deployment know each other. */
export const ENVIRONMENT = {
  /** The name of `manage`, for reconcile: it repairs a missing first generation. */
  manageFunction: "KEYTURN_MANAGE_FUNCTION",
} as const;
