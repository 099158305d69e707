import { App } from "cdktf";
import { apiKeysStack } from "./api-keys.ts";
import { sandboxConfiguration } from "./sandbox-configuration.ts";

const app = new App();
apiKeysStack(app, sandboxConfiguration(process.env));
app.synth();
