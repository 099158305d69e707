import type { VendorFetch } from "./recorder.ts";

const HOP_BY_HOP = ["connection", "host", "content-length", "transfer-encoding", "content-encoding", "keep-alive"];

const without = (headers: Headers, names: readonly string[]): Headers => {
  const kept = new Headers(headers);
  for (const name of names) kept.delete(name);
  return kept;
};

/** The way to a vendor server that somebody else runs: same path, same headers, same body. */
export const foreignVendor =
  (baseUrl: string): VendorFetch =>
  async (request) => {
    const { pathname, search } = new URL(request.url);
    const body = request.method === "GET" ? undefined : await request.arrayBuffer();
    const answer = await fetch(`${baseUrl.replace(/\/$/, "")}${pathname}${search}`, {
      method: request.method,
      headers: without(request.headers, HOP_BY_HOP),
      redirect: "manual",
      ...(body === undefined || body.byteLength === 0 ? {} : { body }),
    });
    const headers = without(answer.headers, HOP_BY_HOP);
    const hasBody = answer.status !== 204 && answer.status !== 304;
    return new Response(hasBody ? await answer.arrayBuffer() : null, { status: answer.status, headers });
  };
