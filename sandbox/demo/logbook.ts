import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";

/** The lines that the functions log, in a file and in memory; none any more when it is closed. */
export const createLogbook = (folder: string) => {
  const lines: string[] = [];
  let isClosed = false;
  mkdirSync(folder, { recursive: true });
  return {
    write(line: string): void {
      if (isClosed) return;
      lines.push(line);
      appendFileSync(join(folder, "functions.log"), `${line}\n`);
    },
    text: () => lines.join("\n"),
    close() {
      isClosed = true;
    },
  };
};
