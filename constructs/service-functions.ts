import type { Construct } from "constructs";
import { ENVIRONMENT } from "../lambdas/contracts/environment.ts";
import type { CoreFunctionName, FunctionName } from "./functions.ts";
import { ServiceFunction, type ServiceFunctionProps } from "./service-function.ts";

/** The functions of a service: four that it always has, and `distribute` once there is something to distribute. */
export class ServiceFunctions {
  readonly core: Readonly<Record<CoreFunctionName, ServiceFunction>>;
  readonly #make: (name: FunctionName, invokes: () => readonly ServiceFunction[]) => ServiceFunction;
  #distribute: ServiceFunction | undefined;

  constructor(scope: Construct, props: Omit<ServiceFunctionProps, "name" | "invokes">) {
    this.#make = (name, invokes) => new ServiceFunction(scope, name, { ...props, name, invokes });
    const distribute = () => (this.#distribute ? [this.#distribute] : []);
    const rotate = this.#make("rotate", distribute);
    // AWS asks whoever calls RotateSecret to be allowed to invoke the rotation function ("RotateSecret", permissions).
    const manage = this.#make("manage", () => [rotate, ...distribute()]);
    const inspect = this.#make("inspect", () => []);
    const reconcile = this.#make("reconcile", () => [rotate, manage, ...distribute()]);
    reconcile.tellNameOf(manage, ENVIRONMENT.manageFunction);
    this.core = { rotate, manage, inspect, reconcile };
  }

  /** `distribute`, if there is one by now. */
  get distribute(): ServiceFunction | undefined {
    return this.#distribute;
  }

  /** Makes `distribute`, and has those know it that promote or watch a version. */
  makeDistribute(): ServiceFunction {
    const made = this.#make("distribute", () => []);
    this.#distribute = made;
    const { rotate, manage, reconcile } = this.core;
    for (const one of [rotate, manage, reconcile]) one.tellNameOf(made, ENVIRONMENT.distributeFunction);
    return made;
  }
}
