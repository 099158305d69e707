import { runBundled } from "./child-process.ts";
import { atMost, type Row, told } from "./row.ts";
import { millisecondsText, times } from "./texts.ts";

const MOST = 1.25;
/** Short turns, and many: what disturbs the machine then disturbs both. */
const TURNS_A_ROUND = 12;

const FORCED =
  "the bare calls have no time limits and read nothing: the SDK has seven tenths of a rotation's processor time, in both; what is ours is spread over time limits, schemas, the log and four invocations that each begin anew, and without any time limits it is still about 1.3 ×";

interface Medians {
  readonly rotation: number;
  readonly bare: number;
  readonly calls: number;
}

/** What the engine itself takes, besides the calls that it makes. */
export const engineTime: Row = {
  name: "engine-time",
  title: "The engine's own time",
  async measure({ rounds, progress }) {
    progress(`${rounds * TURNS_A_ROUND} turns of each`);
    const { rotation, bare, calls } = await runBundled<Medians>("engine-time-process.ts", [
      String(rounds * TURNS_A_ROUND),
    ]);
    return {
      figures: [
        atMost({
          what: `a rotation's ${calls} calls by the engine, beside the same calls made bare`,
          value: rotation / bare,
          atMost: MOST,
          text: times,
          reason: FORCED,
          explainsMiss: true,
        }),
        told(
          "processor time of a rotation by the engine, against stand-ins that answer at once",
          millisecondsText(rotation),
        ),
        told("processor time of the same calls bare", millisecondsText(bare)),
      ],
      details: [],
    };
  },
};
