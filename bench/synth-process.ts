import { readFileSync } from "node:fs";
import { join } from "node:path";
import { App } from "cdktf";
import { declareBare } from "./synth-bare.ts";
import { declareOurs } from "./synth-ours.ts";

/* Runs by itself: synthesizes one stack, and prints what it took. Arguments: ours or bare, how many keys, a folder. */
const [, , kind, size, outdir = ""] = process.argv;

const startedMs = performance.now();
const app = new App({ outdir });
(kind === "ours" ? declareOurs : declareBare)(app, Number(size));
app.synth();
const durationMs = performance.now() - startedMs;

const { resource } = JSON.parse(readFileSync(join(outdir, "stacks", "stack", "cdk.tf.json"), "utf8")) as {
  readonly resource: Readonly<Record<string, object>>;
};
const bytes = readFileSync(join(outdir, "stacks", "stack", "cdk.tf.json")).length;
const resources = Object.values(resource).reduce((total, all) => total + Object.keys(all).length, 0);
console.log(JSON.stringify({ durationMs, peakBytes: process.resourceUsage().maxRSS * 1_024, bytes, resources }));
