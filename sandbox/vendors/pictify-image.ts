import { throttledAnswer } from "./answer-faults.ts";
import type { Mounted } from "./assembly.ts";
import type { Call } from "./call-handling.ts";
import { jsonAnswer, readObject } from "./json.ts";
import { currentDetails } from "./key-record.ts";
import type { PictifyAnswers } from "./pictify-answers.ts";
import { type RandomSource, randomText } from "./random-source.ts";
import { RateLimiter } from "./rate-limit.ts";

const DAY_MS = 86_400_000;
const ID_CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789";
const WIDTH = 1_200;
const HEIGHT = 630;

const isSize = (value: unknown): value is number => typeof value === "number" && Number.isInteger(value) && value > 0;

/**
 * `POST /image`: any key that is accepted may render. A test key renders `testRendersPerDay` times a UTC day (S; that the day is UTC's,
 * that the next one gets 429, and the flag `watermarked` are I), a live key as often as its rate limit allows: the plan's quota of renders
 * is not in the seeds. Nothing is drawn, and the URL leads nowhere. P: the answer's other fields. Left out: Idempotency-Key here, other formats.
 */
export const imageRoute = (answers: PictifyAnswers, random: RandomSource, testRendersPerDay: number): Mounted => {
  const testRenders = new RateLimiter([{ limit: testRendersPerDay, durationMs: DAY_MS, kind: "fixed" }]);
  const exhausted = (call: Call): Response => {
    const resetAtMs = testRenders.read(call.key.id, call.vendorNowMs).resetAtMs;
    return throttledAnswer(answers, Math.max(1, Math.ceil((resetAtMs - call.vendorNowMs) / 1_000)), call.path);
  };
  const render = (call: Call): Response => {
    const body = readObject(call.bodyText);
    if (!body) return answers.malformed(call.path);
    const { html, url, width = WIDTH, height = HEIGHT } = body;
    if (typeof html !== "string" && typeof url !== "string") {
      return answers.invalid(
        [{ field: "html", message: "Required unless there is a url", code: "required" }],
        call.path,
      );
    }
    const badSize = Object.entries({ width, height }).find(([, value]) => !isSize(value));
    if (badSize) {
      return answers.invalid(
        [{ field: badSize[0], message: "Must be a positive integer", code: "invalid_type" }],
        call.path,
      );
    }
    const watermarked = currentDetails(call.key).access === "test";
    if (watermarked && !testRenders.take(call.key.id, call.vendorNowMs)) return exhausted(call);
    const id = randomText(random, ID_CHARACTERS, 12);
    const createdAt = new Date(call.vendorNowMs).toISOString();
    const picture = { url: `https://cdn.pictify.io/renders/${id}.png`, id: `img_${id}`, width, height, createdAt };
    return jsonAnswer(200, { ...picture, watermarked });
  };
  return { method: "POST", path: "/image", route: { operation: "image", permits: () => true, work: render } };
};
