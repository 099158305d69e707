// A rotation function as anybody would write it for AWS's Node runtime, with the SDK that is there, for a plain text.
const { randomUUID } = require("node:crypto");
const {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} = require("@aws-sdk/client-secrets-manager");

const client = new SecretsManagerClient({});

const steps = {
  async createSecret(SecretId, token) {
    const pending = { SecretId, VersionId: token, VersionStage: "AWSPENDING" };
    try {
      await client.send(new GetSecretValueCommand(pending));
    } catch (error) {
      if (error.name !== "ResourceNotFoundException") throw error;
      const SecretString = `token-${randomUUID()}`;
      const put = { SecretId, ClientRequestToken: token, SecretString, VersionStages: ["AWSPENDING"] };
      await client.send(new PutSecretValueCommand(put));
    }
  },
  async setSecret() {},
  async testSecret(SecretId, token) {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId, VersionId: token }));
    if (!SecretString.startsWith("token-")) throw new Error("the new token is not one");
  },
  async finishSecret(SecretId, token) {
    const { VersionIdsToStages } = await client.send(new DescribeSecretCommand({ SecretId }));
    const [current] = Object.entries(VersionIdsToStages).find(([, labels]) => labels.includes("AWSCURRENT"));
    if (current === token) return;
    const move = { SecretId, VersionStage: "AWSCURRENT", MoveToVersionId: token, RemoveFromVersionId: current };
    await client.send(new UpdateSecretVersionStageCommand(move));
  },
};

exports.handler = ({ Step, SecretId, ClientRequestToken }) => steps[Step](SecretId, ClientRequestToken);
