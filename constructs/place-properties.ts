import { DATA_KEY, LABEL, SUBDOMAIN, WORKLOAD_KINDS, type Workload } from "../lambdas/contracts/targets.ts";
import { formProperty, literal, received, refuse } from "./property-checks.ts";

/* The properties that name things in a cluster, by Kubernetes' own rules ("Object Names and IDs"). */
const SUBDOMAIN_FORM = "1 to 253 of a-z, 0-9, - and ., beginning and ending with a letter or a digit";

export const namespaceProperty = (where: string, value: unknown): string =>
  formProperty(where, "namespace", value, LABEL, "1 to 63 of a-z, 0-9 and -, with no - at either end");

export const secretNameProperty = (where: string, value: unknown): string =>
  formProperty(where, "secretName", value, SUBDOMAIN, SUBDOMAIN_FORM);

export const storeNameProperty = (where: string, value: unknown): string =>
  formProperty(where, "storeName", value, SUBDOMAIN, SUBDOMAIN_FORM);

export const dataKeyProperty = (where: string, value: unknown): string =>
  formProperty(where, "dataKey", value, DATA_KEY, "1 to 249 of a-z, A-Z, 0-9, -, _ and .");

const workloadOf = (where: string, value: unknown): Workload => {
  const text = literal(where, "restart", value);
  const [kind, name = "", ...more] = typeof text === "string" ? text.split("/") : [];
  const known = WORKLOAD_KINDS.find((one) => one === kind);
  if (known && SUBDOMAIN.test(name) && more.length === 0) return { kind: known, name };
  return refuse(
    where,
    `restart must name workloads as <kind>/<name> with a kind of ${WORKLOAD_KINDS.join(", ")}, such as deployment/webapp; received ${received(text)}`,
  );
};

/** The workloads that are rolled out, each once. */
export const restartProperty = (where: string, values: readonly string[]): readonly Workload[] => {
  if (!Array.isArray(values))
    refuse(where, `restart must be a list, such as ["deployment/webapp"]; received ${received(values)}`);
  const twice = values.find((value, index) => values.indexOf(value) !== index);
  if (twice !== undefined) refuse(where, `restart names ${received(twice)} twice`);
  return values.map((value) => workloadOf(where, value));
};
