import { App, TerraformResource, type TerraformStack } from "cdktf";
import { describe, expect, test } from "vitest";
import { addCluster, addWebKey, newService, newStack, webTarget } from "../declare.ts";

/** A resource of any type, as HashiCorp's Kubernetes provider or a binding of one's own would declare it. */
class Workload extends TerraformResource {
  readonly #attributes: Record<string, unknown>;

  constructor(scope: TerraformStack, type: string, attributes: Record<string, unknown>) {
    super(scope, "Web", { terraformResourceType: type });
    this.#attributes = attributes;
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return this.#attributes;
  }
}

const SECRET = "pictify-credentials";
const deployment = (envFrom: object) => ({
  spec: [{ template: [{ spec: [{ container: [{ name: "web", env_from: [envFrom] }] }] }] }],
});

/** What synth warns of, with a workload beside a key that is brought into the Secret. */
const warnings = (type: string, attributes: Record<string, unknown>, dataKey?: string): readonly string[] => {
  const stack = newStack();
  const service = newService(stack);
  const key = addWebKey(service, [webTarget(addCluster(service), dataKey === undefined ? {} : { dataKey })]);
  new Workload(stack, type, attributes);
  App.of(stack).synth();
  return key.node.metadata.filter(({ type: kind }) => kind.endsWith("/warn")).map(({ data }) => String(data));
};

describe("a workload that takes all of a Secret as variables", () => {
  test("is warned of, by its path, with what to do, where the data key is api-key", () => {
    const [warning, ...more] = warnings("kubernetes_deployment_v1", deployment({ secret_ref: [{ name: SECRET }] }));

    expect(more).toEqual([]);
    expect(warning).toBe(
      `stack/Web takes all of the Secret ${SECRET}: envFrom makes of the data key api-key a variable of that name, which no shell can read; reference the key itself (valueFrom.secretKeyRef), or declare a dataKey such as API_KEY`,
    );
  });

  test("is warned of in the form of a manifest, too", () => {
    const container = { name: "web", envFrom: [{ secretRef: { name: SECRET } }] };

    expect(warnings("kubernetes_manifest", { manifest: { spec: { containers: [container] } } })).toHaveLength(1);
  });

  test.each([
    ["a data key that is a variable's name", { secret_ref: [{ name: SECRET }] }, "API_KEY"],
    ["another Secret", { secret_ref: [{ name: "other" }] }, undefined],
    ["a ConfigMap", { config_map_ref: [{ name: SECRET }] }, undefined],
  ])("is not warned of with %s", (_, envFrom, dataKey) => {
    expect(warnings("kubernetes_deployment_v1", deployment(envFrom), dataKey)).toEqual([]);
  });

  test("is not warned of where the resource is of another provider", () => {
    expect(warnings("helm_release", deployment({ secret_ref: [{ name: SECRET }] }))).toEqual([]);
  });
});
