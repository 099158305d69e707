/** The variables that the sandbox stack asks for. */
export const SANDBOX_ENVIRONMENT = {
  PICTOGRAPH_URL: "http://127.0.0.1:4010",
  PICTOGRAPH_ORGANIZATION_ID: "3f1c2a52-6e0f-4f0e-9d0c-3f5f0f7f9a11",
  PICTIFY_URL: "http://127.0.0.1:4020",
} as const;
