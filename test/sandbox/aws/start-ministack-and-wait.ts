/** Starts ministack in the state folder given, prints `<process id> <endpoint>`, and lives until it is killed. */
import { startMinistack } from "../../../sandbox/aws/ministack.ts";

const [stateFolder = "", folder = "", python = ""] = process.argv.slice(2);
const ministack = await startMinistack({ stateFolder, pythonEnvironment: { folder, python } });
console.log(`${ministack.processId} ${ministack.endpoint}`);
