import { createHash } from "node:crypto";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy/index.js";
import { Lazy, Token } from "cdktf";
import type { Construct, IConstruct } from "constructs";
import { AWS_LIMITS } from "./aws-limits.ts";
import { type Granted, granteePlace } from "./grantee-stack.ts";
import { policyDocument, type Statement } from "./policy.ts";
import { policyCharacters } from "./policy-size.ts";
import { refuse } from "./property-checks.ts";
import type { RoleReference } from "./references.ts";

export interface RolePolicy {
  /** The method that grants it, for messages: `grantRead`. */
  readonly grant: string;
  readonly name: string;
  /** Asked for at synth. @param arnOf how the policy names what it grants */
  readonly statements: (arnOf: (granted: Granted) => string) => readonly Statement[];
  /** What tokens in them are at the least, by the token. */
  readonly known?: Readonly<Record<string, string>>;
}

/** What tells a role apart in every synth: where it was declared, or its literal name. */
const identityOf = (where: string, grant: string, role: RoleReference): string => {
  if (!role?.name) refuse(where, `${grant} needs a role: an IamRole, or { name } of one`);
  const identity = role.node?.path ?? role.name;
  if (Token.isUnresolved(identity))
    refuse(where, `${grant} needs the role's construct, or its name as a literal; received a token alone`);
  return identity;
};

const shortHash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 8);

const policyId = (grant: string, identity: string): string => `${grant.replace(/^grant/, "")}-${shortHash(identity)}`;

/** A policy, and the way it names what it grants. */
interface Attached extends Omit<RolePolicy, "statements"> {
  readonly statements: () => readonly Statement[];
}

/** The policies that the grants of one app gave to each role. */
const granted = new WeakMap<IConstruct, Map<string, Attached[]>>();

const policiesOf = (scope: Construct, identity: string): Attached[] => {
  const { root } = scope.node;
  const roles = granted.get(root) ?? new Map<string, Attached[]>();
  granted.set(root, roles);
  const policies = roles.get(identity) ?? [];
  roles.set(identity, policies);
  return policies;
};

const sizeProblems = (identity: string, policies: readonly Attached[]): string[] => {
  const characters = policies
    .map(({ statements, known }) => policyCharacters(policyDocument(statements()), known))
    .reduce((total, one) => total + one, 0);
  const { most, page } = AWS_LIMITS.inlinePoliciesOfRole;
  if (characters <= most) return [];
  return [
    `the role ${identity} gets ${policies.length} policies by ${[...new Set(policies.map(({ grant }) => grant))].join(" and ")}, of at least ${characters} characters together, and IAM takes ${most} in all inline policies of a role (${page}); where it may read every key of a service, call grantRead of the service, which is one policy for all of them; else give it fewer keys, or use several roles`,
  ];
};

/**
 * Gives a role a policy of its own, in the role's stack where that is another one. Repeating it changes nothing. At synth a role that would get more than IAM takes is an error.
 * @throws KeyturnError BAD_INPUT for something that is not a role
 */
export const attachPolicy = (scope: Construct, policy: RolePolicy, role: RoleReference): void => {
  const identity = identityOf(scope.node.path, policy.grant, role);
  const place = granteePlace(scope, role);
  const own = policyId(policy.grant, identity);
  const id = place.scope === scope ? own : `${own}-${shortHash(scope.node.path)}`;
  if (place.scope.node.tryFindChild(id)) return;
  const statements = () => policy.statements(place.arnOf);
  new IamRolePolicy(place.scope, id, {
    name: policy.name,
    role: role.name,
    ...(role.provider ? { provider: role.provider } : {}),
    policy: Lazy.stringValue({ produce: () => policyDocument(statements()) }),
  });
  const policies = policiesOf(scope, identity);
  policies.push({ ...policy, statements });
  if (policies.length === 1) scope.node.addValidation({ validate: () => sizeProblems(identity, policies) });
};
