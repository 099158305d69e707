import { App } from "cdktf";
import { apiKeysStack } from "./api-keys.ts";
import { productionConfiguration } from "./production-configuration.ts";

const app = new App();
apiKeysStack(app, productionConfiguration);
app.synth();
