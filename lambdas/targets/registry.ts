import type { TargetDeclaration } from "../contracts/targets.ts";
import { externalSecret } from "./external-secret.ts";
import { kubernetesSecret } from "./kubernetes-secret.ts";
import type { Target } from "./target.ts";

type Targets = { readonly [Kind in TargetDeclaration["kind"]]: Target<Extract<TargetDeclaration, { kind: Kind }>> };

/** Every kind of target that Keyturn knows. */
const TARGETS: Targets = { kubernetes: kubernetesSecret, "external-secret": externalSecret };

/** The kind of a declared target. */
export const targetKind = (declaration: TargetDeclaration): Target => TARGETS[declaration.kind] as Target;
