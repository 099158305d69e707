import { delimiter, join } from "node:path";
import type { MinistackPlaces } from "./ministack-places.ts";

/**
 * The whole environment of ministack, and thereby of every Lambda, as its workers inherit it. Of ours it takes PATH
 * alone: a credential, a proxy or an option of Node in our environment must not show up in a Lambda.
 * @param extra what else the Lambdas shall see, such as `AWS_ENDPOINT_URL_SECRETS_MANAGER`; it wins
 */
export const ministackEnvironment = (
  places: MinistackPlaces,
  own: NodeJS.ProcessEnv,
  extra: Readonly<Record<string, string>>,
): Record<string, string> => ({
  PATH: [places.commandFolder, own.PATH ?? ""].join(delimiter),
  HOME: places.runFolder,
  TMPDIR: places.runFolder,
  LANG: "C.UTF-8",
  PYTHONUNBUFFERED: "1",
  NODE_PATH: places.modulesFolder,
  // The functions ask for a runtime of Node 22; that here it is the Node we run is no fault of theirs.
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
  BIND_HOST: "127.0.0.1",
  LAMBDA_EXECUTOR: "local",
  PERSIST_STATE: "0",
  STATE_DIR: join(places.runFolder, "state"),
  S3_DATA_DIR: join(places.runFolder, "s3"),
  // It would listen for more protocols, and look for a Docker daemon to clean up in.
  IOT_MTLS_ENABLED: "0",
  SFTP_ENABLED: "0",
  DOCKER_HOST: `unix://${join(places.runFolder, "no-docker.sock")}`,
  ...extra,
});
