import { describe, expect, test } from "vitest";
import { choosePython, findPython, pythonCandidates } from "../../../sandbox/aws/python-interpreter.ts";

const answer = (command: string, version: string, canMakeEnvironments = true) => ({
  command,
  version,
  canMakeEnvironments,
});

describe("the choice of a Python", () => {
  test("the first that is new enough is taken", () => {
    const old = answer("python3", "3.9.18");
    const fitting = answer("python3.10", "3.10.0");
    expect(choosePython([old, fitting], undefined)).toEqual({ found: fitting });
  });

  test("one that cannot make environments is passed over, and named when there is no other", () => {
    const without = answer("python3", "3.12.1", false);
    expect(choosePython([without, answer("python3.11", "3.11.7")], undefined).found?.command).toBe("python3.11");
    expect(choosePython([without], undefined)).toEqual({
      problem: "python3 is Python 3.12.1, but its venv and ensurepip modules are missing",
    });
  });

  test("one that is too old is named", () => {
    expect(choosePython([answer("python3", "3.9.18")], undefined)).toEqual({
      problem: "python3 is Python 3.9.18, older than 3.10",
    });
  });

  test("Python 2 is too old", () => {
    expect(choosePython([answer("python", "2.7.18")], undefined).found).toBeUndefined();
  });

  test("none at all is said", () => {
    expect(choosePython([], undefined)).toEqual({ problem: "no python3 was found on PATH" });
  });

  test("KEYTURN_PYTHON is the only candidate, and one that does not run is named", async () => {
    expect(pythonCandidates("/somewhere/python")).toEqual(["/somewhere/python"]);
    expect(await findPython({ KEYTURN_PYTHON: "/somewhere/python" })).toEqual({
      problem: "KEYTURN_PYTHON names /somewhere/python, which does not run as a Python",
    });
  });
});
