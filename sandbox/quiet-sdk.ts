/** Node 20 works and is what the bundles target; the AWS SDK warns of it whenever a client is made. */
export const quietSdk = (): void => {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
};
