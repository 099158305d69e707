import { inspectEvent } from "../../lambdas/contracts/inspect.ts";
import type { KeyFacts } from "../../lambdas/contracts/key-facts.ts";
import { type ExpectedKey, type KeyCommand, keyCommand } from "../../lambdas/contracts/manage.ts";
import { read } from "../../lambdas/contracts/read.ts";
import { AwsRefusal, type FakeFunction, LostAnswer } from "./fake-lambda.ts";

/** A key as the fake holds it: its facts, and the value that must never be seen. */
interface FakeKey {
  readonly value: string;
  facts: KeyFacts;
}

/** Since when every claim is held, for the fake has no clock. */
const CLAIMED_AT = "2026-11-21T12:00:00.000Z";

export interface ServiceError {
  readonly type: string;
  readonly message: string;
  /** An answer of AWS's own with this HTTP status, instead of the function's. */
  readonly awsStatus?: number;
}

const ACCOUNT = "arn:aws:secretsmanager:us-east-1:123456789012:secret";
export const arnOf = (secretName: string): string => `${ACCOUNT}:${secretName}-AbCdEf`;

/** The name in an ARN of this fake's; a name stays what it is. */
const secretNameOf = (secretId: string): string => /:secret:(.+)-AbCdEf$/.exec(secretId)?.[1] ?? secretId;

const released = (): { readonly promise: Promise<void>; readonly resolve: () => void } => {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
};

const typed = ({ type, message, awsStatus }: ServiceError): Error => {
  if (awsStatus !== undefined) return new AwsRefusal(type, awsStatus, message);
  return Object.assign(new Error(message), { name: type });
};

/** A command as the provider sends it: it always says what it expects. */
type Expecting = KeyCommand & { readonly expected: ExpectedKey };

const expecting = (command: KeyCommand): Expecting => {
  const { expected } = command;
  if (!expected) throw new Error("the provider must say what it expects");
  return { ...command, expected };
};

/**
 * A service with its functions `inspect` and `manage`, in memory. It answers as the contract says, counts what it is asked,
 * and knows the values of its keys, which it never tells. Left out: Secrets Manager, tags, the vendors' own behaviour.
 */
export class FakeService {
  /** Every request by its action, in order. */
  readonly calls: string[] = [];
  readonly commands: Expecting[] = [];
  readonly values: string[] = [];
  /** Answers in this protocol, whatever it is asked. */
  protocol = 1;
  /** Whether it is a service from before claims: it takes none and tells none. */
  knowsClaims = true;
  /** So many answers of `manage` get lost after it did what it was asked. */
  lostAnswers = 0;
  readonly #keys = new Map<string, FakeKey>();
  readonly #claims = new Map<string, Set<string>>();
  readonly #failures = new Map<string, ServiceError[]>();
  readonly #slow = new Map<string, number>();
  readonly #held = new Map<string, Promise<void>>();
  #minted = 0;

  get functions(): ReadonlyMap<string, FakeFunction> {
    return new Map<string, FakeFunction>([
      ["inspect", (event) => this.#inspect(event)],
      ["manage", (event) => this.#manage(event)],
    ]);
  }

  /** The next requests with this action fail, one error each. */
  fail(action: string, ...errors: readonly ServiceError[]): void {
    this.#failures.set(action, [...errors]);
  }

  /** Requests with this action wait. Returns how to let them go on, whether or not anybody still waits for the answer. */
  hold(action: string): () => void {
    const { promise, resolve } = released();
    this.#held.set(action, promise);
    return () => {
      this.#held.delete(action);
      resolve();
    };
  }

  /** The next answers about a key say that its rotation goes on; then it is done. */
  rotatesFor(secretName: string, answers: number): void {
    this.#slow.set(secretName, answers);
  }

  facts(secretName: string): KeyFacts {
    const key = this.#keys.get(secretName);
    if (key) return key.facts;
    throw new Error(`the fake has no key ${secretName}`);
  }

  has(secretName: string): boolean {
    return this.#keys.has(secretName);
  }

  /** Changes a key behind everybody's back. */
  alter(secretName: string, facts: Partial<KeyFacts>): void {
    const key = this.#keys.get(secretName);
    if (key) key.facts = { ...key.facts, ...facts };
  }

  count(action: string): number {
    return this.calls.filter((call) => call === action).length;
  }

  /** A new generation: another key id, version and value. */
  mint(secretName: string, expected: ExpectedKey, keyId?: string): KeyFacts {
    this.#minted += 1;
    const { connection, ...declared } = expected;
    const id = keyId ?? `key-${this.#minted}`;
    const value = `pk_live_${"s3cretValueNumber".padEnd(24, "x")}${this.#minted}`;
    const facts: KeyFacts = {
      ...declared,
      connection,
      secretArn: arnOf(secretName),
      secretName,
      vendor: "pictify",
      status: "current",
      keyId: id,
      keyPrefix: "pk_live_s3c…",
      versionId: `version-${this.#minted}`.padEnd(32, "0"),
      createdAt: "2026-11-21T12:00:00.000Z",
      nextRotationAt: "2027-02-19T12:00:00.000Z",
      liveGenerations: 1,
      debt: [],
    };
    this.values.push(value);
    this.#keys.set(secretName, { value, facts });
    return facts;
  }

  async #answer(action: string): Promise<void> {
    this.calls.push(action);
    await this.#held.get(action);
    const error = this.#failures.get(action)?.shift();
    if (error) throw typed(error);
  }

  async #inspect(event: Readonly<Record<string, unknown>>): Promise<unknown> {
    const request = read(inspectEvent, event, "the request to inspect");
    await this.#answer(request.action);
    const all = [...this.#keys.values()].map(({ facts }) =>
      this.knowsClaims
        ? { ...facts, claims: this.claimsOn(facts.secretName).map((id) => ({ id, since: CLAIMED_AT })) }
        : facts,
    );
    if (request.action === "list") return { protocol: this.protocol, keys: all };
    if (request.action === "describe") {
      const name = secretNameOf(request.secretId);
      return { protocol: this.protocol, keys: all.filter(({ secretName }) => secretName === name) };
    }
    const managed = all
      .filter(({ connection }) => connection === request.connection)
      .map(({ keyId, name, secretName, createdAt }) => ({ keyId, name, owner: "managed", secretName, createdAt }));
    const others = [
      { keyId: "hand-made", name: "bob's key", owner: "unmanaged" },
      {
        keyId: "lost",
        name: "web-kt-1a2b3c4d-0123456789",
        owner: "stray",
        createdAt: "2024-01-01T12:00:00.000Z",
        lastUsedAt: "2024-01-02T08:00:00.000Z",
      },
    ];
    return { protocol: this.protocol, keys: [...managed, ...others], slotsLeft: 3 };
  }

  async #manage(event: Readonly<Record<string, unknown>>): Promise<unknown> {
    if (!this.knowsClaims && (event.action === "claim" || event.action === "release"))
      throw typed({ type: "BAD_INPUT", message: "no such action" });
    const command = expecting(read(keyCommand, event, "the request to manage"));
    this.commands.push(command);
    await this.#answer(command.action);
    const facts = this.#told(this.#claimed(command), command);
    if (this.lostAnswers-- > 0) throw new LostAnswer();
    return { protocol: this.protocol, ...facts };
  }

  /** The claims of other objects on a key. */
  claimedBy(secretName: string, ...ids: readonly string[]): void {
    this.#claims.set(secretName, new Set([...this.claimsOn(secretName), ...ids]));
  }

  claimsOn(secretName: string): readonly string[] {
    return [...(this.#claims.get(secretName) ?? [])];
  }

  #told(facts: KeyFacts, { secretId }: Expecting): KeyFacts {
    if (!this.knowsClaims) return facts;
    return { ...facts, claims: this.claimsOn(secretNameOf(secretId)).map((id) => ({ id, since: CLAIMED_AT })) };
  }

  /** A key ends with its last claim; that a claim is open makes no difference here. */
  #claimed(command: Expecting): KeyFacts {
    const secretName = secretNameOf(command.secretId);
    const claims = new Set(this.claimsOn(secretName));
    const { claim } = command;
    if (!this.knowsClaims || typeof claim !== "object") return this.#carriedOut(command);
    if (command.action === "delete") claims.delete(claim.id);
    else claims.add(claim.id);
    if (claim.was !== undefined) claims.delete(claim.was);
    this.#claims.set(secretName, claims);
    const facts = this.#keys.get(secretName)?.facts;
    if (command.action === "claim" && facts) return facts;
    if (command.action === "delete" && claims.size > 0 && facts) return { ...facts, status: "destroyed" };
    return this.#carriedOut(command);
  }

  #carriedOut(command: Expecting): KeyFacts {
    const secretName = secretNameOf(command.secretId);
    if (command.action === "delete") return this.#deleted(secretName, command.expected);
    const waits = this.#slow.get(secretName) ?? 0;
    this.#slow.set(secretName, waits - 1);
    const facts = this.#keys.get(secretName)?.facts;
    if (waits > 0 && facts) return { ...facts, status: "rotating" };
    if (command.action === "adopt") return this.mint(secretName, command.expected, command.keyId);
    if (!facts || command.action === "compromised") return this.mint(secretName, command.expected);
    return this.#healed(facts, command.expected);
  }

  /** A name is changed in place; access, or a key that is dead, takes a new generation. */
  #healed(facts: KeyFacts, expected: ExpectedKey): KeyFacts {
    const isSameAccess = facts.role === expected.role && facts.type === expected.type;
    if (facts.status !== "current" || !isSameAccess) return this.mint(facts.secretName, expected);
    this.alter(facts.secretName, { name: expected.name });
    return this.facts(facts.secretName);
  }

  #deleted(secretName: string, expected: ExpectedKey): KeyFacts {
    const facts = this.#keys.get(secretName)?.facts ?? this.mint(secretName, expected);
    this.#keys.delete(secretName);
    return { ...facts, status: "destroyed", liveGenerations: 0 };
  }
}
