export type { AllowedKeys } from "./allowed-keys.ts";
export type { AllowedPlace } from "./allowed-places.ts";
export type { IApiKey } from "./api-key.ts";
export type { ClusterProps, EksClusterProps, KubeconfigClusterProps } from "./cluster-settings.ts";
export type { ExistingApiKeyProps } from "./existing-api-key.ts";
export { KeyRotationService } from "./key-rotation-service.ts";
export type { ApiKeyProps, KeyTimeouts } from "./key-settings.ts";
export type { KubernetesCluster } from "./kubernetes-cluster.ts";
export {
  ExternalSecretTarget,
  type ExternalSecretTargetProps,
  type KeyTarget,
  KubernetesSecretTarget,
  type KubernetesTargetProps,
} from "./kubernetes-target.ts";
export type { MetricReference } from "./metric.ts";
export { PictifyApiKey, type PictifyApiKeyProps } from "./pictify-api-key.ts";
export { PictographApiKey, type PictographApiKeyProps } from "./pictograph-api-key.ts";
export type { ArnReference, KeyReference, RoleReference } from "./references.ts";
export type { IKeyRotationService } from "./service.ts";
export type { AssumedRoleProps, KeyRotationServiceProps, TerraformProviderProps } from "./service-settings.ts";
export type { FailureDestination, ProxyProps, SurroundingsProps, VpcProps } from "./surroundings.ts";
export { KeyturnApiKey, type KeyturnApiKeyConfig, type KeyturnApiKeyTimeouts } from "./terraform/keyturn-api-key.ts";
export { KeyturnProvider, type KeyturnProviderConfig } from "./terraform/keyturn-provider.ts";
export type { VendorConnection } from "./vendor-connection.ts";
export type { VendorConnectionProps } from "./vendor-settings.ts";
