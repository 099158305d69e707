import { AddPermissionCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createLambdaInvoker, describeFunctionError } from "../../../sandbox/aws/lambda-client.ts";
import { type Ministack, startMinistack } from "../../../sandbox/aws/ministack.ts";
import { preparePythonEnvironment } from "../../../sandbox/aws/python-environment.ts";
import { findPython } from "../../../sandbox/aws/python-interpreter.ts";
import { checkPython } from "../../../sandbox/prerequisites.ts";
import { describeUnlessMissing } from "../describe-unless-missing.ts";
import { createFunction, lambdaClientFor, makeStateFolder } from "./lambda-fixture.ts";

describe("what a function threw", () => {
  test("is its type and its message", () => {
    const payload = JSON.stringify({ errorType: "KEY_LIMIT", errorMessage: "no slot", stackTrace: ["…"] });
    expect(describeFunctionError("Unhandled", payload)).toBe("KEY_LIMIT: no slot");
  });

  test("is what Lambda said when the function could say nothing", () => {
    expect(describeFunctionError("Unhandled", "not JSON")).toBe("Unhandled: not JSON");
  });

  test("never holds a vendor's key", () => {
    const payload = JSON.stringify({ errorType: "Error", errorMessage: "bad key pk_live_0123456789abcdef" });
    expect(describeFunctionError("Unhandled", payload)).toBe("Error: bad key [redacted]");
  });

  test("is cut to 300 characters", () => {
    const payload = JSON.stringify({ errorType: "Error", errorMessage: "x".repeat(1000) });
    expect(describeFunctionError("Unhandled", payload)).toHaveLength(300);
  });
});

test("an endpoint that is not there is an error of the invocation, not an exception", async () => {
  const invoker = createLambdaInvoker({ endpoint: "http://127.0.0.1:1" });
  expect((await invoker.invoke("arn:aws:lambda:us-east-1:000000000000:function:a", {})).error).toContain(
    "ECONNREFUSED",
  );
  invoker.close();
});

const FAIL_OR_CHECK = `exports.handler = async (event) => {
  if (event.Step !== "createSecret") throw new Error("unknown step " + event.Step);
};`;

describeUnlessMissing([checkPython(await findPython())], "the Lambda invoker", () => {
  let ministack: Ministack;
  let client: LambdaClient;
  let functionArn: string;
  let invoker: ReturnType<typeof createLambdaInvoker>;
  let state: Awaited<ReturnType<typeof makeStateFolder>>;

  beforeAll(async () => {
    state = await makeStateFolder();
    const pythonEnvironment = await preparePythonEnvironment();
    ministack = await startMinistack({ stateFolder: state.path, pythonEnvironment });
    client = lambdaClientFor(ministack.endpoint);
    invoker = createLambdaInvoker({ endpoint: ministack.endpoint });
    functionArn = await createFunction(client, {
      name: "rotate",
      runtime: "nodejs22.x",
      file: "index.js",
      source: FAIL_OR_CHECK,
    });
  }, 300_000);

  afterAll(async () => {
    invoker.close();
    client.destroy();
    await ministack.close();
    await state.remove();
  });

  test("knows when there is no such function", async () => {
    expect(await invoker.mayInvoke(`${functionArn}-other`)).toBe("no such function");
  });

  test("sees whether Secrets Manager was permitted to invoke", async () => {
    const before = await invoker.mayInvoke(functionArn);
    const permission = {
      StatementId: "rotation",
      Action: "lambda:InvokeFunction",
      Principal: "secretsmanager.amazonaws.com",
    };
    await client.send(
      new AddPermissionCommand({ FunctionName: functionArn, ...permission, SourceAccount: "000000000000" }),
    );

    expect([before, await invoker.mayInvoke(functionArn)]).toEqual(["not permitted", "yes"]);
  });

  test("a function that returns has no error", async () => {
    expect(await invoker.invoke(functionArn, { Step: "createSecret" })).toEqual({});
  });

  test("a function that throws gives its message", async () => {
    expect((await invoker.invoke(functionArn, { Step: "other" })).error).toContain("unknown step other");
  });

  test("a function that is not there is an error", async () => {
    expect((await invoker.invoke(`${functionArn}-other`, {})).error).toMatch(/^ResourceNotFoundException: /);
  });
});
