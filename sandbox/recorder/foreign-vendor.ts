import type { VendorFetch } from "./recorder.ts";

const HOP_BY_HOP = ["connection", "host", "content-length", "transfer-encoding", "content-encoding", "keep-alive"];

const without = (headers: Headers, names: readonly string[]): Headers => {
  const kept = new Headers(headers);
  for (const name of names) kept.delete(name);
  return kept;
};

/** Answers of these statuses have no body, and must not be given one (Fetch standard, "null body status"). */
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/** @throws Error that names the server, where `fetch` says merely that it failed */
const ask = async (url: string, init: RequestInit): Promise<Response> => {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    const { cause = error } = error as Error;
    const reason = cause instanceof Error ? (cause as NodeJS.ErrnoException).code || cause.message : "unknown";
    throw new Error(`the server at ${new URL(url).origin} does not answer (${reason})`, { cause });
  }
};

/**
 * The way to a vendor server that somebody else runs: same path, same headers, same body.
 * Whoever asks decides how long it may take.
 * @param baseUrl may have a path of its own, which comes before the vendor's
 */
export const foreignVendor =
  (baseUrl: string): VendorFetch =>
  async (request) => {
    const { pathname, search } = new URL(request.url);
    const body = request.method === "GET" ? undefined : await request.arrayBuffer();
    const answer = await ask(`${baseUrl.replace(/\/$/, "")}${pathname}${search}`, {
      method: request.method,
      headers: without(request.headers, HOP_BY_HOP),
      redirect: "manual",
      signal: request.signal,
      ...(body === undefined || body.byteLength === 0 ? {} : { body }),
    });
    const headers = without(answer.headers, HOP_BY_HOP);
    const content = WITHOUT_BODY.has(answer.status) ? null : await answer.arrayBuffer();
    return new Response(content, { status: answer.status, headers });
  };
