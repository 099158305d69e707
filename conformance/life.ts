import { declarationFor, SECRET_NAME, tagsOf } from "./declared.ts";
import { Person } from "./person.ts";
import { Readers } from "./readers.ts";
import { currentIn, storedIn, viewSecret } from "./secret-view.ts";
import { DAY_MS, MINUTE_MS, RECONCILE_MS } from "./settings.ts";
import type { Stage } from "./stage.ts";
import { ACCESSES } from "./vendors.ts";
import { Witness } from "./witness.ts";

/** A managed key from its declaration to its end, with the people and workloads around it. */
export class Life {
  readonly stage: Stage;
  readonly person: Person;
  readonly readers: Readers;
  readonly witness: Witness;
  /** What the key is to be like, as declared last. */
  declared: { name: string; access: string };
  readonly #schedule = new AbortController();

  constructor(stage: Stage) {
    this.stage = stage;
    this.person = new Person(stage);
    this.readers = new Readers(stage, () => this.witness.exceptions);
    this.witness = new Witness(stage, () => this.readers.holders());
    this.declared = { name: "web", access: ACCESSES[stage.vendor].first.value };
  }

  /** The secret with its tags, the first generation, the rotation, the workloads: as a deploy does it. */
  async deploy(): Promise<void> {
    await this.person.aws("CreateSecret", { Name: SECRET_NAME, Tags: tagsOf(declarationFor(this.stage.vendor)) });
    await this.person.ask("ensure", "current");
    await this.person.plan();
    await this.person.aws("RotateSecret", {
      SecretId: SECRET_NAME,
      RotationLambdaARN: this.stage.functionArn("rotate"),
      RotationRules: { AutomaticallyAfterDays: 90 },
      RotateImmediately: false,
    });
    this.readers.start();
  }

  async currentKeyId(): Promise<string> {
    const versionId = currentIn(await viewSecret(this.stage));
    const stored = versionId === undefined ? undefined : await storedIn(this.stage, versionId);
    if (!stored) throw new Error("there is no current key yet");
    return stored.keyId;
  }

  /** Has reconcile run at its times, whether or not the pass before has ended. */
  startReconcile(): void {
    const run = async () => {
      for (;;) {
        await this.stage.clock.sleep(RECONCILE_MS, this.#schedule.signal);
        if (this.#schedule.signal.aborted) return;
        void this.stage.invoke("reconcile", {});
      }
    };
    void run();
  }

  /** Lets time pass without passes of reconcile, as far as to shortly before the next rotation is due. */
  async untilRotation(): Promise<void> {
    const view = await viewSecret(this.stage);
    if (view?.nextRotationMs === undefined) throw new Error("no rotation is foreseen");
    // AWS shows the end of the day in which the rotation window opens.
    const opensMs = Math.floor(view.nextRotationMs / DAY_MS) * DAY_MS;
    await this.stage.clock.advance(opensMs - this.stage.clock.now() - 7 * MINUTE_MS);
  }

  async end(): Promise<void> {
    this.#schedule.abort();
    await this.stage.clock.run(this.readers.stop());
    this.stage.close();
  }
}
