import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { foldersOf, impliedMirrorFolders, mirrorPlaces } from "../../../sandbox/terraform/mirror-places.ts";
import { gatherProviderFacts } from "../../../sandbox/terraform/provider-facts.ts";
import { bestAwsProviderVersion, findInMirror } from "../../../sandbox/terraform/provider-mirror.ts";
import { REGISTRY_HOST } from "../../../sandbox/terraform/provider-source.ts";

const PLATFORM = "linux_amd64";

let home: string;
let calls: string[];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "keyturn-"));
  calls = [];
});

afterEach(() => rm(home, { recursive: true, force: true }));

const makeUnpacked = async (folder: string, version: string, platform = PLATFORM) => {
  const path = join(folder, REGISTRY_HOST, "hashicorp", "aws", version, platform);
  await mkdir(path, { recursive: true });
  await writeFile(join(path, `terraform-provider-aws_v${version}_x5`), "");
};

const makePacked = async (folder: string, version: string, platform = PLATFORM) => {
  const path = join(folder, REGISTRY_HOST, "hashicorp", "aws");
  await mkdir(path, { recursive: true });
  await writeFile(join(path, `terraform-provider-aws_${version}_${platform}.zip`), "");
};

const gather = (environment: NodeJS.ProcessEnv = {}, isReachable = false) =>
  gatherProviderFacts({
    machine: { platform: "linux", homeFolder: home, environment },
    providerPlatform: PLATFORM,
    isRegistryReachable: async () => {
      calls.push("registry");
      return isReachable;
    },
  });

describe("a mirror's AWS provider", () => {
  test("is the highest version that fits", async () => {
    for (const version of ["5.99.9", "5.100.0", "6.9.0", "6.10.0", "7.0.0"]) await makeUnpacked(home, version);
    expect(await findInMirror(home, PLATFORM)).toEqual({ folder: home, version: "6.10.0" });
  });

  test("may be packed, as `terraform providers mirror` makes it", async () => {
    await makePacked(home, "5.100.0");
    expect(await findInMirror(home, PLATFORM)).toEqual({ folder: home, version: "5.100.0" });
  });

  test("is none when it is for another platform, too old, or an empty folder", async () => {
    await makeUnpacked(home, "5.100.0", "darwin_arm64");
    await makePacked(home, "6.0.0", "darwin_arm64");
    await makeUnpacked(home, "4.67.0");
    await mkdir(join(home, REGISTRY_HOST, "hashicorp", "aws", "6.1.0", PLATFORM), { recursive: true });
    expect(await findInMirror(home, PLATFORM)).toBeUndefined();
  });

  test("versions compare as numbers, and prereleases do not count", () => {
    const version = fc.tuple(fc.integer({ min: 4, max: 8 }), fc.nat(200), fc.nat(20));
    fc.assert(
      fc.property(fc.array(version), (versions) => {
        const fitting = versions.filter(([major, minor]) => (major === 5 && minor >= 100) || major === 6);
        const rank = ([major, minor, patch]: readonly [number, number, number]) =>
          (major * 1000 + minor) * 1000 + patch;
        const best = fitting.sort((left, right) => rank(left) - rank(right)).at(-1);
        const texts = [...versions.map((parts) => parts.join(".")), "6.999.0-beta1", "latest"];
        expect(bestAwsProviderVersion(texts)).toBe(best?.join("."));
      }),
    );
  });
});

describe("the facts about this machine", () => {
  test("a configuration that installs providers settles it: the registry is not even asked", async () => {
    const path = join(home, "own.tfrc");
    await writeFile(path, "provider_installation {\n  direct {}\n}\n");
    const facts = await gather({ TF_CLI_CONFIG_FILE: path });
    expect(facts).toEqual({
      configuration: { path, installsProviders: true },
      isRegistryReachable: false,
      mirrors: [],
    });
    expect(calls).toEqual([]);
  });

  test("the usual configuration file counts, and a block that is commented out does not", async () => {
    const path = join(home, ".terraformrc");
    await writeFile(path, '# provider_installation {}\nplugin_cache_dir = "/cache"\n');
    expect((await gather({}, true)).configuration).toEqual({ path, installsProviders: false });
  });

  test("a configuration that is named but not there is a fact of its own", async () => {
    expect(await gather({ TF_CLI_CONFIG_FILE: join(home, "gone") }, true)).toEqual({
      missingConfigurationFile: join(home, "gone"),
      isRegistryReachable: true,
      mirrors: [],
    });
  });

  test("a named mirror that has the provider settles it", async () => {
    await makeUnpacked(join(home, "named"), "5.100.0");
    const facts = await gather({ KEYTURN_TERRAFORM_MIRROR: join(home, "named") });
    expect(facts.namedMirror?.mirror).toEqual({ folder: join(home, "named"), version: "5.100.0" });
    expect(calls).toEqual([]);
  });

  test("without the registry, the folders are searched in which Terraform itself looks", async () => {
    const folder = join(home, ".terraform.d", "plugins");
    await makeUnpacked(folder, "6.1.0");
    expect((await gather()).mirrors).toEqual([{ folder, version: "6.1.0" }]);
  });
});

describe("the places of mirrors", () => {
  test("are Terraform's own for each system", () => {
    const machine = { homeFolder: "/h", environment: { XDG_DATA_DIRS: "/a:/b" } };
    expect(impliedMirrorFolders({ ...machine, platform: "linux" })).toEqual([
      "/h/.terraform.d/plugins",
      "/h/.local/share/terraform/plugins",
      "/a/terraform/plugins",
      "/b/terraform/plugins",
    ]);
    expect(impliedMirrorFolders({ ...machine, platform: "darwin" })).toContain(
      "/h/Library/Application Support/io.terraform/plugins",
    );
    expect(impliedMirrorFolders({ ...machine, platform: "win32", environment: { APPDATA: "C" } })).toHaveLength(2);
  });

  test("come before those of added software", () => {
    const places = mirrorPlaces({ platform: "linux", homeFolder: "/h", environment: {} });
    expect(places[0]).toEqual({ folder: "/h/.terraform.d/plugins", levelsBelow: 0 });
    expect(places).toContainEqual({ folder: "/opt", levelsBelow: 2 });
  });

  test("are searched as deep as they say, parents first", async () => {
    await mkdir(join(home, "b", "deep", "deeper"), { recursive: true });
    await mkdir(join(home, "a"));
    expect(await foldersOf({ folder: home, levelsBelow: 2 })).toEqual([
      home,
      join(home, "a"),
      join(home, "b"),
      join(home, "b", "deep"),
    ]);
    expect(await foldersOf({ folder: join(home, "none"), levelsBelow: 1 })).toEqual([join(home, "none")]);
  });
});
