/** How a call ended, in a form in which two servers can be compared. */
export interface Outcome {
  /** `200 OK`, or the HTTP status and AWS's code: `400 ResourceNotFoundException`. */
  readonly result: string;
  /** What a successful call answered, normalized; of a failed one nothing is compared. */
  readonly answer: unknown;
  /** The answer as it came, to continue from: for page tokens and ARNs. */
  readonly raw: unknown;
}

const DATE = /Date$/;
const ARN_SUFFIX = /^(arn:aws:secretsmanager:.*)-[A-Za-z0-9]{6}$/;

/**
 * Reads a response: the code of an error is in its body. What must differ from server to server becomes the same: dates,
 * the six characters of an ARN, page tokens, passwords, texts. Null counts as absent, as every SDK reads it; lists whose
 * order means nothing are sorted.
 */
export function outcomeOf(status: number, body: string): Outcome {
  const parsed = parse(body);
  if (status === 200) return { result: "200 OK", answer: normalized("", parsed), raw: parsed };
  const code = typeof parsed === "object" && parsed !== null ? Reflect.get(parsed, "__type") : undefined;
  return { result: `${status} ${typeof code === "string" ? code : "without code"}`, answer: undefined, raw: parsed };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function normalized(name: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => normalized("", item)).sort(inOrderOf(name));
  if (typeof value === "object" && value !== null) return normalizedFields(value);
  if (DATE.test(name)) return "a date";
  if (name === "Message" || name === "StatusMessage") return "a text";
  if (name === "NextToken" && value !== "") return "a token";
  if (name === "RandomPassword") return `a password of ${String(value).length}`;
  if (typeof value === "string") return value.replace(ARN_SUFFIX, "$1-SUFFIX");
  return value;
}

function normalizedFields(value: object): object {
  const fields = Object.entries(value)
    .filter(([, field]) => field !== null)
    .map(([name, field]) => [name, normalized(name, field)] as const)
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(fields);
}

const UNORDERED = new Set(["Tags", "VersionStages", "Versions", "ReplicationStatus"]);

/** Labels in a map of versions have the version's id for a name. */
const isUnordered = (name: string): boolean => UNORDERED.has(name) || /^[0-9a-z-]{32,}$/.test(name);

/** Versions by their id; what has no id by all of its text. */
const placeOf = (item: unknown): string =>
  typeof item === "object" && item !== null && "VersionId" in item ? String(item.VersionId) : JSON.stringify(item);

const inOrderOf = (name: string) => (one: unknown, other: unknown) =>
  isUnordered(name) ? placeOf(one).localeCompare(placeOf(other)) : 0;
