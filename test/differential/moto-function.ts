import { CreateFunctionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { strToU8, zipSync } from "fflate";

const IAM_SCOPE = "Credential=test/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=test";

/** Creates the function `rotate` at moto, which says that an invocation succeeded and runs nothing. */
export async function createMotoFunction(url: string): Promise<void> {
  const role = new URLSearchParams({
    Action: "CreateRole",
    Version: "2010-05-08",
    RoleName: "rotate",
    AssumeRolePolicyDocument: "{}",
  });
  await fetch(url, { method: "POST", headers: { authorization: `AWS4-HMAC-SHA256 ${IAM_SCOPE}` }, body: role });
  const client = new LambdaClient({
    endpoint: url,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  await client.send(
    new CreateFunctionCommand({
      FunctionName: "rotate",
      Role: "arn:aws:iam::123456789012:role/rotate",
      Runtime: "nodejs22.x",
      Handler: "index.handler",
      Code: { ZipFile: zipSync({ "index.js": strToU8("exports.handler = async () => {};") }) },
    }),
  );
  client.destroy();
}
