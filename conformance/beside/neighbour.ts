import { FUNCTIONS, functionName } from "../../constructs/functions.ts";
import { ENVIRONMENT } from "../../lambdas/contracts/environment.ts";
import { ownedName, serviceId } from "../../lambdas/contracts/key-name.ts";
import { secretNameOf } from "../../lambdas/contracts/secret-name.ts";
import type { World } from "../../lambdas/world.ts";
import { HANDLERS } from "../../sandbox/in-process/handlers.ts";
import { asSecretsManagerClient } from "../../sandbox/secrets-manager/index.ts";
import { vendorRequest } from "../../sandbox/workload/vendor-request.ts";
import { startWorkload, type Workload } from "../../sandbox/workload/workload.ts";
import { vendorCall } from "../effects/effect.ts";
import type { Exceptions } from "../promises/exceptions.ts";
import { declarationFor, grantsFor, tagsOf } from "../stage/declared.ts";
import type { Life } from "../stage/life.ts";
import { ROLES, type Role } from "../stage/service.ts";
import { LONGEST_LIFE_MS, MINUTE_MS, PROMPT_READER_MS, RECONCILE_MS, WORKLOAD_CALL_MS } from "../stage/settings.ts";
import type { Stage } from "../stage/stage.ts";
import { BASE_URLS } from "../stage/vendors.ts";

const SERVICE = "staging";
const SECRET_NAME = secretNameOf(SERVICE, "web");
const PROMISE = "another service's keys are not touched";
/** Past two passes of its reconcile that retire the old key and see it gone. */
const MAX_TRIES = 300;

/** Another service of Keyturn in the same account and vendor organization, with a key of the same name. Nobody kills it. */
export class Neighbour {
  readonly #stage: Stage;
  readonly #id: string;
  /** The paths of its own requests to revoke. */
  readonly #revoked: string[] = [];
  #workload: Workload | undefined;
  #isReady: Promise<void> = Promise.resolve();

  constructor({ stage, witness }: Life) {
    this.#stage = stage;
    this.#id = serviceId(SERVICE, stage.functionArn("rotate"));
    witness.exceptions.neighbours.add(this.#id);
    const world = this.#world();
    for (const role of ROLES)
      stage.functions.create({
        name: functionName(SERVICE, role),
        timeoutMs: FUNCTIONS[role].timeoutSeconds * 1_000,
        secretsManagerMayInvoke: role === "rotate",
        handler: HANDLERS[role](world),
      });
  }

  /** Has a key of its own, a workload that lives on it, and a schedule. */
  moveIn(): void {
    this.#isReady = this.#deploy();
    this.#stage.functions.schedule(functionName(SERVICE, "reconcile"), RECONCILE_MS, {});
  }

  /** Rotates, and comes to rest with one key. */
  async rotate(): Promise<void> {
    await this.#isReady;
    const { clock, trace, longestLifeMs } = this.#stage;
    // A vendor at which everything takes longer has its time.
    const tries = MAX_TRIES + (longestLifeMs - LONGEST_LIFE_MS) / MINUTE_MS;
    const [before] = this.#activeKeys();
    await this.#startRotation();
    for (let minute = 0; minute < tries; minute++) {
      await clock.sleep(MINUTE_MS);
      const [current, ...others] = this.#activeKeys();
      if (current !== undefined && others.length === 0 && current !== before) return;
    }
    trace.violation(PROMISE, `the neighbour came to no rest: it has ${this.#activeKeys().join(", ")}`);
  }

  /** Judges what became of its keys. Those that were told to be for a person, somebody ended. */
  moveOut({ revokedByHand }: Exceptions): void {
    void this.#workload?.stop();
    const { simulator, trace } = this.#stage;
    for (const { id, active } of this.#keys())
      if (!active && !this.#revoked.some((path) => path.includes(id)) && !revokedByHand.has(id))
        trace.violation(PROMISE, `the neighbour's ${id} was revoked, and not by it`);
    for (const { id, name } of simulator.keys())
      if (this.#revoked.some((path) => path.includes(id)) && ownedName(name)?.serviceId !== this.#id)
        trace.violation(PROMISE, `the neighbour revoked ${id} (${name})`);
  }

  /** AWS starts none while another one, such as the test of a new configuration, has not ended. */
  async #startRotation(): Promise<void> {
    const { aws, clock } = this.#stage;
    for (let tries = 0; tries < MAX_TRIES; tries++)
      try {
        await aws("RotateSecret", { SecretId: SECRET_NAME });
        return;
      } catch {
        await clock.sleep(MINUTE_MS);
      }
  }

  #keys() {
    return this.#stage.simulator.keys().filter(({ name }) => ownedName(name)?.serviceId === this.#id);
  }

  #activeKeys(): readonly string[] {
    return this.#keys().flatMap(({ id, active }) => (active ? [id] : []));
  }

  #world(): World {
    const { clock, functions, secretsManager, simulator, vendor, slotLimit, seen } = this.#stage;
    const fetchNoted = async (url: string, init: RequestInit): Promise<Response> => {
      if (vendorCall(url, init.method).name === "revoke key") this.#revoked.push(new URL(url).pathname);
      return simulator.fetch(new Request(url, init));
    };
    return {
      clock,
      fetch: fetchNoted as typeof fetch,
      secretsManager: asSecretsManagerClient(secretsManager),
      lambda: functions.client(),
      write: (line) => void seen.push(line),
      grants: grantsFor(vendor, simulator.organizationId, slotLimit, SERVICE),
      environment: { [ENVIRONMENT.manageFunction]: functionName(SERVICE, "manage") },
    };
  }

  async #invoke(role: Role, event: object): Promise<void> {
    const { functions, clock, trace } = this.#stage;
    let last: string | undefined;
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      last = (await functions.invoke(functionName(SERVICE, role), event)).error;
      if (last === undefined) return;
      await clock.sleep(MINUTE_MS);
    }
    trace.violation(PROMISE, `the neighbour's ${role} failed: ${last}`);
  }

  async #deploy(): Promise<void> {
    const { aws, functions, vendor } = this.#stage;
    const Tags = tagsOf({ ...declarationFor(vendor), service: SERVICE });
    await aws("CreateSecret", { Name: SECRET_NAME, Tags });
    await this.#invoke("manage", { action: "ensure", secretId: SECRET_NAME });
    await aws("RotateSecret", {
      SecretId: SECRET_NAME,
      RotationLambdaARN: functions.arnOf(functionName(SERVICE, "rotate")),
      RotationRules: { AutomaticallyAfterDays: 90 },
      RotateImmediately: false,
    });
    await this.#untilReadable();
    this.#startWorkload();
  }

  /** Labels may be late. */
  async #untilReadable(): Promise<void> {
    const { aws, clock } = this.#stage;
    for (let tries = 0; tries < MAX_TRIES; tries++)
      try {
        await aws("GetSecretValue", { SecretId: SECRET_NAME });
        return;
      } catch {
        await clock.sleep(MINUTE_MS);
      }
  }

  #startWorkload(): void {
    const { clock, aws, simulator, vendor, trace } = this.#stage;
    const readKey = async () => {
      const { SecretString } = await aws<{ SecretString: string }>("GetSecretValue", { SecretId: SECRET_NAME });
      return JSON.parse(SecretString).apiKey as string;
    };
    const onCounts = (_: unknown, failure?: string) => {
      if (failure !== undefined) trace.violation(PROMISE, `the neighbour's workload: ${failure}`);
    };
    const request = vendorRequest(vendor, BASE_URLS[vendor], simulator.fetch);
    const times = { everyMs: WORKLOAD_CALL_MS, cacheMs: PROMPT_READER_MS };
    this.#workload = startWorkload({ clock, readKey, request, ...times, onCounts });
  }
}
