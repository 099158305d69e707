import { Construct } from "constructs";
import { type Access, accessFields } from "../lambdas/contracts/access.ts";
import type { Declaration } from "../lambdas/contracts/declaration.ts";
import { durationText } from "../lambdas/contracts/duration.ts";
import type { ConnectionFile, GrantFile } from "../lambdas/contracts/grants.ts";
import { allowedGrant } from "./allowed-keys.ts";
import { floorFields } from "./floor-fields.ts";
import { refuse } from "./property-checks.ts";
import { keyReference } from "./references.ts";
import type { ServiceOfKeys } from "./service.ts";
import { checkSlots } from "./slots.ts";
import { type VendorConnectionProps, type VendorSettings, vendorSettings } from "./vendor-settings.ts";

/** A vendor's organization, as a service reaches it: where, with which admin secret, and for which keys. */
export class VendorConnection extends Construct {
  readonly service: ServiceOfKeys;
  readonly settings: VendorSettings;
  readonly encryptionKeyArns: readonly string[];
  readonly #declared: Access[] = [];
  readonly #serves: GrantFile[];

  /** Use `KeyRotationService.addVendor`. */
  constructor(scope: Construct, id: string, service: ServiceOfKeys, props: VendorConnectionProps) {
    super(scope, id);
    this.service = service;
    this.settings = vendorSettings(this.node.path, service.name, props);
    const key = keyReference(this.node.path, "adminSecretEncryptionKey", props.adminSecretEncryptionKey);
    this.encryptionKeyArns = key ? [key.arn] : [];
    this.#serves = (props.allow ?? []).map((entry) =>
      allowedGrant(this.node.path, service.name, this.settings.vendor, entry),
    );
    for (const { type } of this.#serves) if (type !== undefined) this.#refuseLiveKey(this.node.path, type);
  }

  /** The name of the connection in tags and grants. */
  get connection(): string {
    return this.settings.connection;
  }

  /**
   * Takes in a key that was declared with this connection.
   * @param where the path of the key's construct, for messages
   * @throws KeyturnError BAD_INPUT for a live key where there is no production, KEY_LIMIT without a spare slot
   */
  serve(where: string, declaration: Declaration, secretName: string): void {
    const { name, access } = declaration;
    if (access.kind === "type") this.#refuseLiveKey(where, access.value);
    this.#declared.push(access);
    checkSlots(where, this.settings, access, this.#declared);
    this.#serves.push({ secret: secretName, name, ...accessFields(access), ...floorFields(declaration) });
  }

  /** Its part of grants.json. */
  grants(): ConnectionFile {
    const { settings } = this;
    return {
      vendor: settings.vendor.name,
      adminSecret: settings.adminSecretName,
      baseUrl: settings.baseUrl,
      ...(settings.organizationId === undefined ? {} : { organizationId: settings.organizationId }),
      plan: settings.plan,
      ...(settings.maxKeys === undefined ? {} : { maxKeys: settings.maxKeys }),
      propagation: durationText(settings.propagationMs),
      reportingDelay: durationText(settings.reportingDelayMs),
      skew: durationText(settings.skewMs),
      ...(settings.lastUseResolutionMs === undefined
        ? {}
        : { lastUseResolution: durationText(settings.lastUseResolutionMs) }),
      ...(settings.reconcileRequestsPerDay === undefined
        ? {}
        : { reconcileRequestsPerDay: settings.reconcileRequestsPerDay }),
      serves: this.#serves,
    };
  }

  #refuseLiveKey(where: string, type: string): void {
    if (this.service.production || (type !== "live" && type !== "*")) return;
    refuse(
      where,
      `the service ${this.service.name} says production: false, so it must not have a key of type ${type}; ` +
        'use type "test", or declare the key in a service of production',
    );
  }
}
