/** What Terraform sets for its plugins, so that they are not started by mistake (hashicorp/go-plugin's "magic cookie"). */
const COOKIE = "TF_PLUGIN_MAGIC_COOKIE";
const COOKIE_VALUE = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

/** go-plugin's own protocol, and Terraform's plugin protocol. */
const CORE_PROTOCOL = 1;
export const PLUGIN_PROTOCOL = 6;

export interface HandshakeRequest {
  /** Certificate of the only client that may connect, as PEM. None: no TLS. */
  readonly clientCertificate?: string;
  /** The folder for sockets, where Terraform names one. */
  readonly socketFolder?: string;
}

/** What Terraform asks of a plugin by its environment, or why this cannot be served. */
export const handshakeRequest = (environment: NodeJS.ProcessEnv): HandshakeRequest | { readonly refusal: string } => {
  if (environment[COOKIE] !== COOKIE_VALUE)
    return { refusal: "This is the Terraform provider of Keyturn. Terraform starts it; it does nothing by itself." };
  const offered = environment.PLUGIN_PROTOCOL_VERSIONS;
  if (offered && !offered.split(",").includes(String(PLUGIN_PROTOCOL)))
    return {
      refusal: `Terraform offers the plugin protocols ${offered}; the provider of Keyturn speaks ${PLUGIN_PROTOCOL}.`,
    };
  const { PLUGIN_CLIENT_CERT: clientCertificate, PLUGIN_UNIX_SOCKET_DIR: socketFolder } = environment;
  return { ...(clientCertificate && { clientCertificate }), ...(socketFolder && { socketFolder }) };
};

/** Where a plugin listens: a Unix socket, or a port on loopback. */
export type Address = { readonly socket: string } | { readonly port: number };

/** Bytes of a Unix socket's path that macOS and Linux both take: 104 and 108, less the zero at the end. */
export const LONGEST_SOCKET_PATH = 103;

const addressText = (address: Address): string =>
  "socket" in address ? `unix|${address.socket}` : `tcp|127.0.0.1:${address.port}`;

/**
 * The one line on standard output by which a plugin says where it is.
 * @param certificate ours, in DER; Terraform reads it as base64 without padding
 */
export const handshakeLine = (address: Address, certificate: Uint8Array | undefined): string => {
  const encoded = certificate ? Buffer.from(certificate).toString("base64").replace(/=+$/, "") : "";
  return `${[CORE_PROTOCOL, PLUGIN_PROTOCOL, addressText(address), "grpc", encoded].join("|")}\n`;
};
