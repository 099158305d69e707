/* Calls as a client of the vendors makes them, so that tests read as conversations. */

import { createPictify } from "../../../sandbox/vendors/pictify.ts";
import type { PictifyOptions } from "../../../sandbox/vendors/pictify-options.ts";
import { createPictograph } from "../../../sandbox/vendors/pictograph.ts";
import type { PictographOptions } from "../../../sandbox/vendors/pictograph-options.ts";
import { seededRandom } from "../../../sandbox/vendors/random-source.ts";
import type { VendorSimulator } from "../../../sandbox/vendors/simulator.ts";
import { VirtualClock } from "../../../sandbox/virtual-clock.ts";

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON, as loosely typed as a vendor's answer is; undefined when it is no JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any shape
  readonly body: any;
}

export interface CallOptions {
  readonly key?: string | null;
  readonly json?: unknown;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const credential = (simulator: VendorSimulator, key: string | null): Record<string, string> => {
  if (key === null) return {};
  return simulator.vendor === "pictograph" ? { "X-API-Key": key } : { Authorization: `Bearer ${key}` };
};

export const requestOf = (
  simulator: VendorSimulator,
  line: string,
  options: CallOptions = {},
  base = "http://vendor.test",
): Request => {
  const [method = "GET", path = "/"] = line.split(" ");
  const { key = simulator.adminKey, json, headers = {}, signal } = options;
  const body = json === undefined ? {} : { body: typeof json === "string" ? json : JSON.stringify(json) };
  return new Request(base + path, {
    method,
    headers: { ...credential(simulator, key), "Content-Type": "application/json", ...headers },
    ...body,
    ...(signal ? { signal } : {}),
  });
};

/** Makes the call `line` ("GET /path") in process, with the admin key unless told. */
export const call = async (simulator: VendorSimulator, line: string, options: CallOptions = {}): Promise<Answer> =>
  read(await simulator.fetch(requestOf(simulator, line, options)));

export const read = async (response: Response): Promise<Answer> => {
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: parse(text) };
};

/** A clock at rest and a Pictograph on it. */
export const pictograph = (options: Partial<PictographOptions> = {}) => {
  const clock = new VirtualClock();
  const vendor = createPictograph({ clock, random: seededRandom(1), ...options });
  const organization = vendor.organizationId ?? "";
  const create = (name: string, role: string, more: object = {}, key = vendor.adminKey) =>
    call(vendor, "POST /api/v1/api-keys/", { key, json: { organization_id: organization, name, role, ...more } });
  const list = (query = "", key = vendor.adminKey) =>
    call(vendor, `GET /api/v1/api-keys/?organization_id=${organization}${query}`, { key });
  const datasets = (key: string) => call(vendor, "GET /api/v1/developer/datasets/", { key });
  return { clock, vendor, organization, create, list, datasets };
};

/** A clock at rest and a Pictify on it. */
export const pictify = (options: Partial<PictifyOptions> = {}) => {
  const clock = new VirtualClock();
  const vendor = createPictify({ clock, random: seededRandom(1), ...options });
  const create = (name: string, type: string, headers: Record<string, string> = {}) =>
    call(vendor, "POST /api-keys", { json: { name, type }, headers });
  const list = (query = "", key = vendor.adminKey) => call(vendor, `GET /api-keys${query}`, { key });
  const render = (key: string) => call(vendor, "POST /image", { key, json: { html: "<h1>Hello</h1>" } });
  return { clock, vendor, create, list, render };
};
