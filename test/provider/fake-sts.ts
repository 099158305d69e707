import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export interface FakeSts {
  readonly url: string;
  /** The parameters of the requests, without those that name the call. */
  readonly asked: readonly Readonly<Record<string, string>>[];
  /** Answers every further request with this refusal. */
  refuse(code: string, message: string): void;
  close(): Promise<void>;
}

/** The access key of the sessions that it gives. */
export const SESSION_KEY_ID = "ASIAEXAMPLESESSION";

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
};

const SESSION = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
<AccessKeyId>${SESSION_KEY_ID}</AccessKeyId><SecretAccessKey>example</SecretAccessKey><SessionToken>session</SessionToken>
<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`;

const refusalOf = (code: string, message: string): string =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;

/** AWS STS on loopback, as far as AssumeRole goes. Written from AWS's API reference ("AssumeRole"). Left out: authentication. */
export const startFakeSts = async (): Promise<FakeSts> => {
  const asked: Readonly<Record<string, string>>[] = [];
  let refusal: string | undefined;
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const { Action: _, Version: __, ...parameters } = Object.fromEntries(new URLSearchParams(body));
      asked.push(parameters);
      response.writeHead(refusal ? 403 : 200, { "content-type": "text/xml" }).end(refusal ?? SESSION);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    refuse: (code, message) => {
      refusal = refusalOf(code, message);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
