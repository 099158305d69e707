import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { read } from "../../../../lambdas/contracts/read.ts";
import { ANNOTATIONS } from "../../../../lambdas/targets/kubernetes/names.ts";
import { secretObject, workloadObject } from "../../../../lambdas/targets/kubernetes/objects.ts";
import {
  APART_MS,
  asNoted,
  beginning,
  type ChangeNotes,
  earlyMs,
  isAboutToBegin,
  isSpent,
  rolledOutAnnotation,
  wantedRollout,
  withoutRefused,
} from "../../../../lambdas/targets/kubernetes/rolled-out.ts";
import { secretPath } from "../../../../lambdas/targets/kubernetes/rules.ts";

const MARK = "version.keyturn.dev/pictify-credentials";
const WEB = { kind: "deployment", name: "web" } as const;
const NOTED = ANNOTATIONS.rolledOut;

/** Long after what is noted. */
const NOW_MS = Date.UTC(2026, 10, 23);

/** A Deployment, and what the Secret notes of it. */
interface Scene {
  readonly uid: string;
  readonly generation: number;
  readonly mark?: string | undefined;
  readonly noted?: string | undefined;
}

const workloadOf = ({ uid, generation, mark }: Scene) => {
  const annotations = mark === undefined ? {} : { [MARK]: mark };
  const spec = { selector: {}, template: { metadata: { annotations }, spec: {} } };
  return { workload: WEB, object: read(workloadObject, { metadata: { name: "web", uid, generation }, spec }, "a web") };
};

/** A Secret that was last written by Keyturn at this time. */
const secretOf = (stamp: string, noted: string | undefined, time = "2026-11-22T12:00:00Z") => {
  const annotations = { [ANNOTATIONS.version]: stamp, ...(noted === undefined ? {} : { [NOTED]: noted }) };
  const fieldsV1 = { "f:metadata": { "f:annotations": { [`f:${NOTED}`]: {} } } };
  const managedFields = [{ manager: "keyturn", operation: "Apply", time, fieldsV1 }];
  return read(secretObject, { metadata: { name: "pictify-credentials", annotations, managedFields } }, "a Secret");
};

const noted = (stamp: string, text: string | undefined, change: ChangeNotes, time?: string) =>
  rolledOutAnnotation(secretOf(stamp, text, time), stamp, change)[NOTED];

const wantedOf = (stamp: string, text: string | undefined) =>
  wantedRollout(secretPath("web", "pictify-credentials"), secretOf(stamp, text).metadata, "pictify-credentials");

const begun = (scene: Scene, stamp: string): Scene => ({
  ...scene,
  noted: noted(stamp, scene.noted, beginning([workloadOf(scene)], MARK, NOW_MS)),
});

const isToBegin = (scene: Scene, stamp: string): boolean =>
  scene.mark !== stamp && isAboutToBegin(wantedOf(stamp, scene.noted).notes, workloadOf(scene));

const changed = (scene: Scene, change: Partial<Scene> = {}): Scene => ({
  ...scene,
  generation: scene.generation + 1,
  ...change,
});

/** An apply to its end. */
const applied = (scene: Scene, stamp: string): Scene => {
  const next = begun(scene, stamp);
  return isToBegin(next, stamp) ? changed(next, { mark: stamp }) : next;
};

const replaced = (scene: Scene): Scene => changed(scene, { mark: undefined });
const FIRST: Scene = { uid: "1", generation: 1 };

describe("rollouts of one value", () => {
  test("are at most two, whatever is done in whatever order, dies or is refused", () => {
    type Step = "apply" | "die" | "refuse" | "replace" | "remake" | "change" | "twin";
    const steps = fc.array(fc.constantFrom<Step>("apply", "die", "refuse", "replace", "remake", "change", "twin"), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(steps, (all) => {
        let scene = FIRST;
        let made = 0;
        const marked = (next: Scene): Scene => {
          if (!isToBegin(next, "one")) return next;
          made++;
          return changed(next, { mark: "one" });
        };
        const doNext: Record<Step, () => Scene> = {
          apply: () => marked(begun(scene, "one")),
          die: () => begun(scene, "one"),
          refuse: () => {
            const next = begun(scene, "one");
            if (!isToBegin(next, "one")) return next;
            return { ...next, noted: noted("one", next.noted, withoutRefused([WEB])) };
          },
          replace: () => replaced(scene),
          remake: () => ({ ...scene, uid: `${scene.uid}+`, generation: 1, mark: undefined }),
          change: () => changed(scene),
          // It has read the workload before another one marked it and a tool took that off, is refused, and looks again.
          twin: () => {
            const other = replaced(marked(begun(scene, "one")));
            const text = noted("one", other.noted, beginning([workloadOf(scene)], MARK, NOW_MS));
            return marked({ ...other, noted: text });
          },
        };
        for (const step of all) scene = doNext[step]();
        expect(made).toBeLessThanOrEqual(2);
      }),
      { numRuns: 2_000 },
    );
  });

  test("are one, and one more after a deploy that drops the mark; then the workload is spent", () => {
    const once = replaced(applied(FIRST, "one"));
    const twice = replaced(applied(once, "one"));
    const spent = [FIRST, once, twice].map((scene) => isSpent(wantedOf("one", scene.noted).notes, workloadOf(scene)));
    expect(spent).toEqual([false, false, true]);
    expect(applied(once, "one").mark).toBe("one");
    expect(applied(twice, "one").mark).toBeUndefined();
  });

  test("follow each other only when their pods can be told apart by their age", () => {
    const once = replaced(applied(FIRST, "one"));
    const atNoon = (afterMs: number) => {
      const nowMs = Date.UTC(2026, 10, 22, 12) + afterMs;
      const text = noted("one", once.noted, beginning([workloadOf(once)], MARK, nowMs));
      return [isToBegin({ ...once, noted: text }, "one"), earlyMs(wantedOf("one", text), [workloadOf(once)], nowMs)];
    };
    expect([0, APART_MS - 1, APART_MS].map(atNoon)).toEqual([
      [false, APART_MS],
      [false, 1],
      [true, 0],
    ]);
  });

  test("begin anew with another value", () => {
    const spent = replaced(applied(replaced(applied(FIRST, "one")), "one"));
    expect(applied(spent, "two").mark).toBe("two");
    expect(isSpent(wantedOf("two", spent.noted).notes, workloadOf(spent))).toBe(false);
  });

  test("begin anew when a person takes the notes off", () => {
    const spent = replaced(applied(replaced(applied(FIRST, "one")), "one"));
    expect(applied({ ...spent, noted: undefined }, "one").mark).toBe("one");
  });

  test("that were refused do not count, however often the workload is changed meanwhile", () => {
    let scene = FIRST;
    for (let n = 0; n < 5; n++) {
      const next = begun(scene, "one");
      scene = changed(changed({ ...next, noted: noted("one", next.noted, withoutRefused([WEB])) }));
    }
    const once = replaced(applied(scene, "one"));
    expect(applied(once, "one").mark).toBe("one");
  });

  test("that a function died before do not count", () => {
    const died = begun(begun(FIRST, "one"), "one");
    const once = replaced(applied(changed(died), "one"));
    expect(applied(once, "one").mark).toBe("one");
  });
});

describe("the notes", () => {
  test("stay as they are, to the letter, when nothing is to begin", () => {
    const scene = applied(FIRST, "one");
    expect(begun(scene, "one").noted).toBe(scene.noted);
    expect(noted("one", scene.noted, asNoted)).toBe(scene.noted);
    expect(noted("two", scene.noted, asNoted)).toBeUndefined();
  });

  test("are none where no workload was rolled out, as in a Secret of before", () => {
    const marked = { ...FIRST, mark: "one" };
    expect(begun(marked, "one").noted).toBeUndefined();
  });

  test("say since when the value is there: when the first rollout was noted, by the API server's clock", () => {
    const first = applied(FIRST, "one");
    const lost = [workloadOf(replaced(first))];
    const second = noted("one", first.noted, beginning(lost, MARK, NOW_MS), "2026-11-22T12:00:00Z");
    const later = noted("one", second, withoutRefused([WEB]), "2026-11-22T18:00:00Z");
    const since = [second, later].map((text) => JSON.parse(text ?? "").heldSince);
    expect(since).toEqual(["2026-11-22T12:00:00.000Z", "2026-11-22T12:00:00.000Z"]);
    expect(wantedOf("one", later).heldSinceMs).toBe(Date.UTC(2026, 10, 22, 12));
  });

  test("of another value say nothing of when this one was there", () => {
    const old = replaced(applied(replaced(applied(FIRST, "one")), "one"));
    const first = noted("two", old.noted, beginning([workloadOf(old)], MARK, NOW_MS));
    expect(JSON.parse(old.noted ?? "")).toHaveProperty("heldSince");
    expect(JSON.parse(first ?? "")).not.toHaveProperty("heldSince");
  });

  test.each([
    ["no time of ours", undefined, ""],
    ["a time that cannot be read", "2026-11-22T12:00:00Z", '"heldSince":"yesterday",'],
  ])("with %s do not say since when, so that no pod's age counts", (_, time, since) => {
    const text = `{"stamp":"one",${since}"workloads":{"deployment/web":{"times":2}}}`;
    const { metadata } = secretOf("one", text);
    const [entry] = metadata.managedFields;
    const managedFields = entry ? [{ ...entry, time }] : [];
    const wanted = wantedRollout(
      secretPath("web", "pictify-credentials"),
      { ...metadata, managedFields },
      "pictify-credentials",
    );
    expect(wanted.notes).toEqual({ "deployment/web": { times: 2 } });
    expect(wanted).not.toHaveProperty("heldSinceMs");
  });

  test.each(["", "{", "[]", '{"stamp":"one"}', '{"stamp":"one","workloads":{"deployment/web":{"times":"2"}}}'])(
    "that Keyturn did not write tell nothing: %s",
    (text) => {
      expect(wantedOf("one", text).notes).toEqual({});
    },
  );
});
