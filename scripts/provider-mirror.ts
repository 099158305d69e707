import { resolve } from "node:path";
import { BUNDLES, providerFolder } from "../constructs/functions.ts";
import { builtProvider } from "../constructs/terraform/built-provider.ts";
import { packIntoMirror } from "../provider/network-mirror.ts";

/*
 * Packs the provider that `npm run build` made into a folder for a mirror of one's own.
 * Run: node --import tsx scripts/provider-mirror.ts <folder>
 */
const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error("Name the folder of the mirror: node --import tsx scripts/provider-mirror.ts <folder>");
  process.exitCode = 1;
} else {
  const provider = builtProvider(BUNDLES);
  packIntoMirror(resolve(folder), provider);
  console.log(`packed the provider ${provider.version} into ${folder} (${providerFolder(BUNDLES)})`);
}
