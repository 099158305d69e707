import { NAME_FORM } from "./key-name.ts";

/** What the names of a service's secrets begin with. Its functions reach nothing else but the admin secrets. */
export const secretPrefix = (service: string): string => `keyturn/${service}/`;

/** The name of the secret of a managed key. */
export const secretNameOf = (service: string, name: string): string => `${secretPrefix(service)}${name}`;

export interface SecretNameParts {
  readonly service: string;
  readonly name: string;
}

/** Reads a secret's name back; `undefined` for one that no managed key has. */
export const secretNameParts = (text: string): SecretNameParts | undefined => {
  const [root, service = "", name = "", ...more] = text.split("/");
  const isOurs = root === "keyturn" && more.length === 0 && NAME_FORM.test(service) && NAME_FORM.test(name);
  return isOurs ? { service, name } : undefined;
};
