/**
 * `serve` as a `fetch` that gives up when the request's signal aborts, with the signal's reason. The server does not notice: like
 * a real one, it goes on with what it has begun.
 */
export const abortableFetch =
  (serve: (request: Request) => Response | Promise<Response>) =>
  async (request: Request): Promise<Response> => {
    const { signal } = request;
    signal.throwIfAborted();
    const { promise: aborted, reject } = deferredRejection();
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    try {
      return await Promise.race([aborted, serve(request)]);
    } finally {
      signal.removeEventListener("abort", abort);
    }
  };

const deferredRejection = (): { promise: Promise<never>; reject: (reason: unknown) => void } => {
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<never>((_, rejectPromise) => {
    reject = rejectPromise;
  });
  return { promise, reject };
};
