import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aSecretsManager, expectRefusal } from "./a-secrets-manager.ts";

const TYPES = {
  ExcludeUppercase: /[A-Z]/,
  ExcludeLowercase: /[a-z]/,
  ExcludeNumbers: /[0-9]/,
  ExcludePunctuation: /[!-/:-@[-`{-~]/,
};

const password = async (input: object = {}): Promise<string> =>
  String((await aSecretsManager().call("GetRandomPassword", input)).RandomPassword);

describe("GetRandomPassword", () => {
  test("makes 32 characters of all types, and no space, unless asked otherwise", async () => {
    const made = await password();

    expect(made).toHaveLength(32);
    for (const type of Object.values(TYPES)) expect(made).toMatch(type);
    expect(made).not.toContain(" ");
    expect(await password()).not.toBe(made);
  });

  test("keeps every rule that can be kept", async () => {
    const rules = fc.record({
      PasswordLength: fc.integer({ min: 4, max: 300 }),
      ExcludeCharacters: fc.string({ unit: fc.constantFrom(...'abcXYZ012!"$\\]^-'), maxLength: 12 }),
      ExcludeUppercase: fc.boolean(),
      ExcludeLowercase: fc.boolean(),
      ExcludeNumbers: fc.boolean(),
      ExcludePunctuation: fc.boolean(),
      IncludeSpace: fc.boolean(),
      RequireEachIncludedType: fc.boolean(),
    });

    await fc.assert(
      fc.asyncProperty(rules, async (input) => {
        const switches = Object.keys(TYPES) as (keyof typeof TYPES)[];
        fc.pre(input.IncludeSpace || switches.some((name) => !input[name]));
        const made = await password(input);
        expect([...made]).toHaveLength(input.PasswordLength);
        for (const character of input.ExcludeCharacters) expect(made).not.toContain(character);
        for (const name of switches) {
          if (input[name]) expect(made).not.toMatch(TYPES[name]);
          else if (input.RequireEachIncludedType) expect(made).toMatch(TYPES[name]);
        }
        if (!input.IncludeSpace) expect(made).not.toContain(" ");
      }),
    );
  });

  test("a space can be in it, and need not", async () => {
    const others = { ExcludeUppercase: true, ExcludeLowercase: true, ExcludeNumbers: true, IncludeSpace: true };

    expect(await password({ ...others, ExcludePunctuation: true, PasswordLength: 3 })).toBe("   ");
    await expect(password({ ...others, PasswordLength: 1 })).resolves.toMatch(TYPES.ExcludePunctuation);
  });

  test("a type without characters is no obstacle where no type is required", async () => {
    const made = await password({ ExcludeCharacters: "0123456789", RequireEachIncludedType: false });

    expect(made).not.toMatch(/[0-9]/);
  });

  test.each([
    [{ PasswordLength: 0 }, "ValidationException", "greater than or equal to 1"],
    [{ PasswordLength: 4097 }, "ValidationException", "less than or equal to 4096"],
    [{ ExcludeCharacters: "x".repeat(4097) }, "ValidationException", "less than or equal to 4096"],
    [{ PasswordLength: 3 }, "InvalidParameterException", "Password length is too short"],
    [{ ExcludeCharacters: "0123456789" }, "InvalidParameterException", "of the desired type have been excluded"],
    [
      { ExcludeUppercase: true, ExcludeLowercase: true, ExcludeNumbers: true, ExcludePunctuation: true },
      "InvalidParameterException",
      "excluded from selection",
    ],
    [{ PasswordLength: "8" }, "SerializationException", "passwordLength"],
  ])("%j is refused", async (input, code, text) => {
    await expectRefusal(password(input), code, text);
  });
});
