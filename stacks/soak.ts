import { App } from "cdktf";
import { apiKeysStack } from "./api-keys.ts";
import { soakConfiguration } from "./soak-configuration.ts";

const app = new App();
apiKeysStack(app, soakConfiguration(process.env));
app.synth();
