/**
 * What the fake nodes of our own API server do at a pod's annotation (put it into a workload's template; take it off a live
 * pod to end it). As in sandbox/kubernetes-api/server/pod_annotations.go.
 */
export const FAKE_NODE = {
  /** Any value: the containers run and are never ready, as when a probe fails. */
  hold: "fake-node.test/hold",
  /** The containers never start; the value is the reason, such as ErrImagePull or CrashLoopBackOff. */
  waiting: "fake-node.test/waiting",
  /** The containers are ready this long after their start ("3s"). */
  readyAfter: "fake-node.test/ready-after",
  /** A deleted pod takes this long to stop ("3s"), at most its grace period. */
  stopsAfter: "fake-node.test/stops-after",
  /** Written by the fake node: JSON of each mentioned Secret's name and its resourceVersion as the containers started. */
  startedWith: "fake-node.test/started-with",
} as const;
