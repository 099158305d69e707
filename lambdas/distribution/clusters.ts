import type { Clock } from "../clock.ts";
import type { Cluster } from "../contracts/grants.ts";
import { type Turns, turnsOf } from "../pool.ts";
import type { Secrets } from "../secrets.ts";
import { openCluster } from "../targets/kubernetes/access.ts";
import { createClient, type KubernetesApi } from "../targets/kubernetes/client.ts";
import type { Budget } from "../targets/kubernetes/time-limit.ts";
import type { ClusterEndpoint, ClusterWorld } from "../targets/kubernetes/transport.ts";
import { TargetError } from "../targets/target-error.ts";

/** The clusters of one invocation: each is found once, however many targets lie in it. */
export interface Clusters {
  /**
   * Does something in a cluster. Once one was found away, what follows tries only once, so that a cluster that does not answer
   * takes little of the time of the invocation.
   * @throws TargetError
   */
  use<Result>(
    name: string,
    cluster: Cluster,
    budget: Budget,
    work: (api: KubernetesApi) => Promise<Result>,
  ): Promise<Result>;
}

/** How many pages of pods of one cluster are in memory at once. */
const PAGES_AT_ONCE = 4;

const AWAY = new Set(["UNREACHABLE", "TIMEOUT"]);

export const clustersOf = (world: ClusterWorld, clock: Clock, secrets: Secrets): Clusters => {
  const endpoints = new Map<string, Promise<ClusterEndpoint>>();
  const pageTurns = new Map<string, Turns>();
  const away = new Set<string>();

  const endpointOf = (name: string, { access }: Cluster): Promise<ClusterEndpoint> => {
    const known = endpoints.get(name) ?? openCluster({ world, clock, secrets }, access);
    endpoints.set(name, known);
    return known;
  };

  const pageTurnsOf = (name: string): Turns => {
    const turns = pageTurns.get(name) ?? turnsOf(PAGES_AT_ONCE);
    pageTurns.set(name, turns);
    return turns;
  };

  return {
    async use(name, cluster, budget, work) {
      const endpoint = await endpointOf(name, cluster);
      const isPatient = () => !away.has(name);
      try {
        const client = { endpoint, send: world.send, clock, budget, isPatient, pageTurns: pageTurnsOf(name) };
        return await work(createClient(client));
      } catch (error) {
        if (error instanceof TargetError && AWAY.has(error.code)) away.add(name);
        throw error;
      }
    },
  };
};
