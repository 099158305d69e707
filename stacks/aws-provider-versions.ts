/** The versions of `hashicorp/aws` that the constructs keep to: they use only what all of these know. */
export const AWS_PROVIDER_VERSIONS = ">= 5.100.0, < 7.0.0";
