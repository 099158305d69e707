/** Starts an API server, says where it is, and waits to be killed. */
import { startApiServer } from "../../sandbox/kubernetes-api/api-server.ts";

const { folder, processId } = await startApiServer();
process.stdout.write(`${JSON.stringify({ folder, processId })}\n`);
setInterval(() => {}, 60_000);
