import { type Declared, Witness } from "../promises/witness.ts";
import { targetTagsFor } from "../target/target.ts";
import { declarationFor, SECRET_NAME, tagsOf } from "./declared.ts";
import { Person } from "./person.ts";
import { Readers } from "./readers.ts";
import { currentIn, readNow, storedIn, viewSecret } from "./secret-view.ts";
import { DAY_MS, MINUTE_MS } from "./settings.ts";
import type { Stage } from "./stage.ts";
import { ACCESSES } from "./vendors.ts";

/** A managed key from its declaration to its end, with the people and workloads around it. */
export class Life {
  readonly stage: Stage;
  readonly person: Person;
  readonly readers: Readers;
  readonly witness: Witness;
  /** What the key is to be like, as declared last. */
  declared: Declared;
  readonly #schedule = new AbortController();

  constructor(stage: Stage) {
    this.stage = stage;
    this.person = new Person(stage);
    this.readers = new Readers(stage, () => this.witness.exceptions);
    this.witness = new Witness(stage, () => this.readers.holders());
    this.declared = { name: "web", access: ACCESSES[stage.vendor].first.value };
  }

  /** The key as a deploy makes it, and the workloads. */
  async deploy(): Promise<void> {
    await this.stage.cluster?.deploy();
    await this.deployKey();
    await this.untilReadable();
    this.readers.start();
  }

  /** The secret with its tags, the first generation, the rotation: as a deploy makes them. */
  async deployKey(): Promise<void> {
    const { name, access } = this.declared;
    const declaration = declarationFor(this.stage.vendor);
    const { cluster, vendor } = this.stage;
    const Tags = [
      ...tagsOf({ ...declaration, name, access: { ...declaration.access, value: access } }),
      ...(cluster ? targetTagsFor(vendor) : []),
    ];
    await this.person.aws("CreateSecret", { Name: SECRET_NAME, Tags });
    await this.person.ask("ensure", "current");
    await this.person.plan();
    await this.person.aws("RotateSecret", this.rotationOn());
  }

  /** What turns the rotation on, without rotating. */
  rotationOn() {
    return {
      SecretId: SECRET_NAME,
      RotationLambdaARN: this.stage.functionArn("rotate"),
      RotationRules: { AutomaticallyAfterDays: 90 },
      RotateImmediately: false,
    };
  }

  /** A workload is not ready before it reads the key that is current: labels may be late. */
  async untilReadable(): Promise<void> {
    while ((await readNow(this.stage))?.keyId !== this.witness.currentKeyId) await this.stage.clock.sleep(MINUTE_MS);
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
        await this.stage.clock.sleep(this.stage.reconcileMs, this.#schedule.signal);
        if (this.#schedule.signal.aborted) return;
        void this.stage.invoke("reconcile", {});
      }
    };
    void run();
  }

  /** Lets time pass without passes of reconcile, as far as to shortly before the next rotation is due. */
  async untilRotation(): Promise<void> {
    const { clock, placeInWindow } = this.stage;
    const view = await viewSecret(this.stage);
    if (view?.nextRotationMs === undefined) throw new Error("no rotation is foreseen");
    // AWS shows the end of the day in which the rotation window opens; the window is that day.
    const opensMs = Math.floor(view.nextRotationMs / DAY_MS) * DAY_MS;
    await clock.advance(opensMs + placeInWindow * DAY_MS - clock.now() - 7 * MINUTE_MS);
  }

  async end(): Promise<void> {
    this.#schedule.abort();
    await this.stage.clock.run(this.readers.stop());
    this.stage.close();
  }
}
