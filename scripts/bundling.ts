import type { BuildOptions } from "esbuild";

/** How everything of this package that runs by itself is bundled: for Node 20, and the same bytes from the same source. */
export const BUNDLING = {
  write: false,
  bundle: true,
  minify: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  // The libraries' ES modules where they have them, so that what is not used is left out.
  mainFields: ["module", "main"],
  legalComments: "none",
  charset: "utf8",
  logLevel: "warning",
} as const satisfies BuildOptions;
