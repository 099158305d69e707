import { execFile } from "node:child_process";

export interface ClientAnswer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program that knows of the sandbox what its variables say, and nothing of this process's environment but PATH. */
export const runClient = (
  program: string,
  arguments_: readonly string[],
  variables: Readonly<Record<string, string>>,
): Promise<ClientAnswer> =>
  new Promise((resolve) => {
    const env = { PATH: process.env.PATH, PYTHONDONTWRITEBYTECODE: "1", ...variables };
    execFile(program, [...arguments_], { env, maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
      const code = typeof error?.code === "number" ? error.code : error ? 1 : 0;
      resolve({ code, stdout, stderr });
    });
  });

/** The same, for a program that must succeed and prints JSON or nothing. */
export const askClient = async (
  program: string,
  arguments_: readonly string[],
  variables: Readonly<Record<string, string>>,
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any shape
): Promise<any> => {
  const { code, stdout, stderr } = await runClient(program, arguments_, variables);
  if (code !== 0) throw new Error(`${program} ${arguments_.join(" ")} ended with ${code}: ${stderr}`);
  return stdout.trim() === "" ? undefined : JSON.parse(stdout);
};
