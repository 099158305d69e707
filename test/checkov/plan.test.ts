import { expect, test } from "vitest";
import { asPlan } from "./plan.ts";

const stack = {
  resource: {
    aws_lambda_function: {
      Rotate: {
        "//": { metadata: {} },
        depends_on: ["aws_iam_role.Rotate"],
        function_name: "rotate",
        tags: { team: "web" },
        environment: { variables: { NAME: "value" } },
        vpc_config: { subnet_ids: ["subnet-1"] },
      },
    },
  },
};

test("a plan has each resource by its address, with its own attributes alone", () => {
  const [planned, ...more] = asPlan(stack).planned_values.root_module.resources;

  expect(more).toEqual([]);
  expect(planned).toMatchObject({ address: "aws_lambda_function.Rotate", type: "aws_lambda_function", name: "Rotate" });
  expect(Object.keys(planned?.values ?? {})).toEqual(["function_name", "tags", "environment", "vpc_config"]);
});

test("a block is a list, as in a plan, and a map is none", () => {
  expect(asPlan(stack).resource_changes[0]?.change.after).toEqual({
    function_name: "rotate",
    tags: { team: "web" },
    environment: [{ variables: { NAME: "value" } }],
    vpc_config: [{ subnet_ids: ["subnet-1"] }],
  });
});

test("a stack without resources is an empty plan", () => {
  expect(asPlan({}).resource_changes).toEqual([]);
});
