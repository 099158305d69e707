/** A kubeconfig of one cluster and one user, by default one that only a stand-in answers for. */
export const plainKubeconfig = (server = "https://cluster.test", user: object = { token: "t" }): string =>
  JSON.stringify({
    "current-context": "c",
    contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
    clusters: [{ name: "c", cluster: { server } }],
    users: [{ name: "u", user }],
  });
