import { pictify } from "./pictify.ts";
import { pictograph } from "./pictograph.ts";
import type { Vendor } from "./vendor.ts";

/** Every vendor that Keyturn knows, by its name. */
export const VENDORS: Readonly<Record<string, Vendor>> = { pictify, pictograph };
