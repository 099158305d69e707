/** Where the provider is, and will be published. */
export const PROVIDER_ADDRESS = { host: "registry.terraform.io", namespace: "keyturn", name: "keyturn" } as const;

/**
 * The `source` in `required_providers`. It names the host, which Terraform would take by itself, because OpenTofu would
 * take another one.
 */
export const PROVIDER_SOURCE = `${PROVIDER_ADDRESS.host}/${PROVIDER_ADDRESS.namespace}/${PROVIDER_ADDRESS.name}`;

/** Terraform's names of the platforms that the provider is laid out for: those that start a file by its first line. */
export const PLATFORMS = ["darwin_amd64", "darwin_arm64", "linux_amd64", "linux_arm64"] as const;
