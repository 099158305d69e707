import { expect, test } from "vitest";
import { bypassOf } from "../../../provider/service/no-proxy.ts";

const LAMBDA = "lambda.eu-central-1.amazonaws.com";

test.each([
  ["amazonaws.com", LAMBDA],
  [".amazonaws.com", LAMBDA],
  ["*.amazonaws.com", LAMBDA],
  [LAMBDA, LAMBDA],
  ["LAMBDA.eu-central-1.AmazonAWS.com", LAMBDA],
  ["internal, amazonaws.com:443", LAMBDA],
  ["*", LAMBDA],
  ["10.0.0.0/8", "10.1.2.3"],
  ["10.1.2.3", "10.1.2.3"],
  ["10.1.2.3:443", "10.1.2.3"],
  ["fd00::/8", "fd00::1"],
  ["[fd00::1]:443", "fd00::1"],
  ["", "localhost"],
  ["", "127.0.0.2"],
  ["", "::1"],
])("with NO_PROXY=%s, %s is asked without a proxy", (noProxy, host) => {
  expect(bypassOf(noProxy)(host, 443)).toBe(true);
});

test.each([
  ["", LAMBDA],
  [",", LAMBDA],
  ["aws.com", LAMBDA],
  [".lambda.eu-central-1.amazonaws.com", LAMBDA],
  ["amazonaws.com:8443", LAMBDA],
  ["10.0.0.0/8", "11.1.2.3"],
  ["10.0.0.0/99", "10.1.2.3"],
  ["10.1.2.3", "10.1.2.4"],
  ["10.1.2.3:8443", "10.1.2.3"],
  ["fd00::/8", "fe00::1"],
])("with NO_PROXY=%s, %s is asked through the proxy", (noProxy, host) => {
  expect(bypassOf(noProxy)(host, 443)).toBe(false);
});
