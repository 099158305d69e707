import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endFile } from "../setup/after-file.ts";
import { compared, readAccepted } from "./accepted.ts";
import { prepareCheckov } from "./checkov.ts";
import { scanned } from "./scan.ts";

const folder = mkdtempSync(join(tmpdir(), "keyturn-checkov-"));
try {
  const { passed, found } = await scanned(await prepareCheckov(), folder);
  const { open, needless } = compared(found, readAccepted());
  console.log(`${passed} passed, ${found.length} found, ${open.length} of them not accepted`);
  for (const { stack, check, title, resource } of open) console.log(`${stack}: ${check} ${resource}: ${title}`);
  for (const line of needless) console.log(line);
  process.exitCode = open.length + needless.length > 0 ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true });
  endFile();
}
