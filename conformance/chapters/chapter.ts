import type { Life } from "../stage/life.ts";

/** A part of a managed key's life: what was before, and what happens in it. */
export interface Chapter {
  readonly name: string;
  /** The key has a target. @default false */
  readonly hasTarget?: boolean;
  /** What was before: nobody is killed in it, and its effects are not counted. */
  arrange(life: Life): Promise<void>;
  /** What a person does, on the clock. What follows of itself, such as a rotation by schedule, needs nobody. */
  act(life: Life): Promise<void>;
  /** Whether what the chapter is about has happened; rest before that is no end. */
  hasHappened(life: Life): boolean;
}
