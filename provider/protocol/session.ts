/** Where the client that a configuration opened is kept between calls. */
export interface Session<Client> {
  client?: Client;
  readonly stop: AbortController;
}

/**
 * The client, for a call that needs one.
 * @throws Error when Terraform has not configured the provider
 */
export const clientOf = <Client>({ client }: Session<Client>): Client => {
  if (client !== undefined) return client;
  throw new Error("Terraform asked for something before it configured the provider");
};
