import { inspect } from "node:util";

const MASK = "[redacted]";

/** A secret on its way through the code. However it is printed, joined or serialized, it shows as `[redacted]`. */
export class Redacted {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The secret itself. Call it only where the secret leaves for its owner: a vendor's header, a secret's version. */
  reveal(): string {
    return this.#value;
  }

  equals(other: Redacted): boolean {
    return this.#value === other.#value;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}

const SECRET_FIELD =
  /^(api_?key|key|full_?key|secret|secret_?string|rotation_?token|token|kubeconfig|authorization|x-api-key|password)$/i;
/** A vendor's key, one in the base64 of a Kubernetes Secret, and a token of EKS. */
const SECRET_VALUE =
  /pk_(live|test)_[A-Za-z0-9+/=_-]{9,}|cGtf(bGl2ZV|dGVzdF)[A-Za-z0-9+/=_-]{9,}|k8s-aws-v1\.[A-Za-z0-9_-]+/g;

/** Takes what looks like a secret out of a text. The net below `Redacted`, for texts that others wrote. */
export const redactText = (text: string): string => text.replace(SECRET_VALUE, MASK);

/** One JSON line of a record, with every secret taken out, whether by its type, its field's name or its look. */
export const redactedJson = (record: unknown): string =>
  redactText(
    JSON.stringify(record, (field, value: unknown) =>
      SECRET_FIELD.test(field) && typeof value === "string" ? MASK : value,
    ),
  );
