import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { buildProvider } from "../../provider/build.ts";
import type { BuiltProvider } from "../../provider/layout.ts";
import { checkTerraform } from "../../sandbox/prerequisites.ts";
import { terraformEnvironment } from "../../sandbox/terraform/environment.ts";
import { locateTerraform } from "../../sandbox/terraform/locate.ts";
import { describeUnlessMissing } from "../sandbox/describe-unless-missing.ts";
import { type FakeLambda, startFakeLambda } from "./fake-lambda.ts";
import { arnOf, FakeService } from "./fake-service.ts";
import { Workspace } from "./workspace.ts";

export const SECRET = "keyturn/demo/web";
/** The arguments of a key. */
export const KEY = { secret_id: arnOf(SECRET), name: "web", vendor: "pictify", type: "live" };

/** Texts of Terraform's are broken into lines of its own choosing. */
export const joined = (output: string): string => output.replace(/[│╷╵]/g, " ").replace(/\s+/g, " ");

/** What a test has of its own: a service and a folder with a stack. */
export interface TerraformStand {
  readonly service: FakeService;
  /** Lambda's API in front of the service. */
  readonly lambda: FakeLambda;
  readonly workspace: Workspace;
  /** The provider that lies beside the stack. */
  readonly provider: BuiltProvider;
  /** Applies a stack with one key, `web`, and expects that to work. */
  applied(key?: object): Promise<void>;
}

const choice = await locateTerraform();

/** What the tests of a file share. */
export interface Built {
  readonly stateFolder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly provider: BuiltProvider;
}

const prepare = async (): Promise<Built> => {
  const stateFolder = await mkdtemp(join(tmpdir(), "keyturn-state-"));
  const prepared = await terraformEnvironment({ stateFolder });
  // Without an AWS provider no deploy is possible, and these tests need none.
  const env = prepared.missing === undefined ? prepared.env : { ...process.env, TF_CLI_CONFIG_FILE: "" };
  return { stateFolder, env, provider: await buildProvider() };
};

/** A folder with a stack, whose functions answer at an endpoint. */
export const openWorkspace = ({ env, provider }: Built, endpointUrl: string): Promise<Workspace> =>
  Workspace.open({ terraform: choice.found?.command ?? "terraform", env, provider, endpointUrl });

const openStand = async (built: Built) => {
  const service = new FakeService();
  const lambda: FakeLambda = await startFakeLambda(service.functions);
  const workspace = await openWorkspace(built, lambda.url);
  const close = async () => {
    await lambda.close();
    await workspace.remove();
  };
  return { service, lambda, workspace, close };
};

export const present = <T>(value: T | undefined): T => {
  if (value !== undefined) return value;
  throw new Error("the stand is there only within a test");
};

/** Describes what needs Terraform and the provider's build. */
export const describeBuilt = (title: string, body: (built: () => Built) => void): void =>
  describeUnlessMissing([checkTerraform(choice)], title, () => {
    let built: Built | undefined;
    beforeAll(async () => {
      built = await prepare();
    });
    afterAll(() => rm(present(built).stateFolder, { recursive: true, force: true }));
    body(() => present(built));
  });

/** Describes what the provider does under Terraform. Every test gets a stand of its own. */
export const describeTerraform = (title: string, body: (stand: TerraformStand) => void): void =>
  describeBuilt(title, (built) => {
    let stand: Awaited<ReturnType<typeof openStand>> | undefined;
    beforeEach(async () => {
      stand = await openStand(built());
    });
    afterEach(() => stand?.close());
    body({
      get service() {
        return present(stand).service;
      },
      get lambda() {
        return present(stand).lambda;
      },
      get workspace() {
        return present(stand).workspace;
      },
      get provider() {
        return built().provider;
      },
      async applied(key = KEY) {
        present(stand).workspace.write({ web: key });
        const { code, output } = await present(stand).workspace.apply();
        expect(code, output).toBe(0);
      },
    });
  });
