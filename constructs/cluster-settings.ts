import type { ITerraformDependable, TerraformProvider } from "cdktf";
import { NAME_FORM } from "../lambdas/contracts/key-name.ts";
import type { AllowedPlace } from "./allowed-places.ts";
import { formProperty, keptSecretNameProperty, literal, received, refuse, textProperty } from "./property-checks.ts";
import { type ArnReference, type KeyReference, keyReference } from "./references.ts";

interface AnyClusterProps {
  /** What targets, tags and grants call it: 1 to 40 of a-z, 0-9 and -. */
  readonly name: string;
  /**
   * The Kubernetes group that the Role is bound to.
   * @default EKS: keyturn-<service>; by a kubeconfig: none, the service account is
   */
  readonly group?: string;
  /**
   * The stack's Kubernetes provider for this cluster, of any binding: the Role and its binding become resources of it.
   * @default none: they are a manifest beside the stack
   */
  readonly kubernetesProvider?: TerraformProvider;
  /**
   * Places that keys of other apps may be written into, besides the targets that are declared with this cluster.
   * @default none
   */
  readonly allow?: readonly AllowedPlace[];
}

/** A cluster of EKS, in the account of the service. */
export interface EksClusterProps extends AnyClusterProps {
  /** The cluster's name in EKS. Its authentication mode must be `API` or `API_AND_CONFIG_MAP`. */
  readonly eksClusterName: string;
  /** The cluster's region. */
  readonly region: string;
  /**
   * Whether the access entry is made that gives the function's role the group.
   * @default true
   */
  readonly accessEntry?: boolean;
  /**
   * The AWS provider that makes the access entry: one of the cluster's region.
   * @default the stack's
   */
  readonly awsProvider?: TerraformProvider;
  /**
   * What must be there before the access entry, such as a cluster that the same stack makes.
   * @default nothing
   */
  readonly dependsOn?: readonly ITerraformDependable[];
}

/** A cluster that a kubeconfig reaches. */
export interface KubeconfigClusterProps extends AnyClusterProps {
  /** The name of the Secrets Manager secret that holds the kubeconfig, as `kubectl config view --minify --flatten` prints it. */
  readonly kubeconfigSecretName: string;
  /**
   * The context of the kubeconfig that is used.
   * @default its current one
   */
  readonly context?: string;
  /**
   * The service account whose token the kubeconfig has, as `<namespace>/<name>`; the Role is bound to it.
   * @default keyturn/keyturn
   */
  readonly serviceAccount?: string;
  /**
   * The KMS key that encrypts the kubeconfig's secret.
   * @default AWS's own key for Secrets Manager
   */
  readonly kubeconfigSecretEncryptionKey?: KeyReference;
}

export type ClusterProps = EksClusterProps | KubeconfigClusterProps;

/** Whom the rights are given to in the cluster. */
export type Subject =
  | { readonly kind: "Group"; readonly name: string }
  | { readonly kind: "ServiceAccount"; readonly name: string; readonly namespace: string };

/** The props of a cluster, checked, and with their defaults. */
export interface ClusterSettings {
  readonly name: string;
  readonly subject: Subject;
  readonly kubernetesProvider: TerraformProvider | undefined;
  readonly eks: { readonly name: string; readonly region: string } | undefined;
  readonly accessEntry: boolean;
  readonly awsProvider: TerraformProvider | undefined;
  readonly dependsOn: readonly ITerraformDependable[];
  readonly kubeconfigSecretName: string | undefined;
  readonly context: string | undefined;
  readonly kubeconfigSecretEncryptionKey: ArnReference | undefined;
}

/** AWS: "CreateCluster", name. */
const EKS_NAME = /^[0-9A-Za-z][A-Za-z0-9_-]{0,99}$/;
const REGION = /^[a-z]+(?:-[a-z]+)+-\d+$/;
/** AWS: "CreateAccessEntry", kubernetesGroups. */
const GROUP = /^(?!system:|eks:|aws:|amazon:|iam:)\S{1,63}$/;
const SERVICE_ACCOUNT = /^([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)\/([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)$/;

const groupProperty = (where: string, value: string): string =>
  formProperty(
    where,
    "group",
    value,
    GROUP,
    "1 to 63 characters that do not begin with system:, eks:, aws:, amazon: or iam:",
  );

const serviceAccountProperty = (where: string, value: string): Subject => {
  const form = "a service account as <namespace>/<name>, such as keyturn/keyturn";
  const [, namespace = "", name = ""] =
    SERVICE_ACCOUNT.exec(formProperty(where, "serviceAccount", value, SERVICE_ACCOUNT, form)) ?? [];
  return { kind: "ServiceAccount", namespace, name };
};

const checkProvider = (
  where: string,
  property: string,
  type: string,
  provider: TerraformProvider | undefined,
): void => {
  if (!provider || provider.terraformResourceType === type) return;
  refuse(
    where,
    `${property} must be a provider block of ${type}; received one of ${received(provider.terraformResourceType)}`,
  );
};

const eksSettings = (where: string, service: string, props: EksClusterProps) => {
  checkProvider(where, "awsProvider", "aws", props.awsProvider);
  const name = formProperty(
    where,
    "eksClusterName",
    props.eksClusterName,
    EKS_NAME,
    "a cluster's name in EKS (not its ARN)",
  );
  const region = formProperty(where, "region", props.region, REGION, "a region of AWS, such as eu-central-1");
  return {
    subject: { kind: "Group", name: groupProperty(where, props.group ?? `keyturn-${service}`) } as const,
    eks: { name, region },
    accessEntry: literal(where, "accessEntry", props.accessEntry ?? true),
    awsProvider: props.awsProvider,
    dependsOn: props.dependsOn ?? [],
    kubeconfigSecretName: undefined,
    context: undefined,
    kubeconfigSecretEncryptionKey: undefined,
  };
};

const kubeconfigSettings = (where: string, service: string, props: KubeconfigClusterProps) => {
  if (props.group !== undefined && props.serviceAccount !== undefined)
    refuse(where, "give either group or serviceAccount: the one that the kubeconfig's user is");
  return {
    subject:
      props.group === undefined
        ? serviceAccountProperty(where, props.serviceAccount ?? "keyturn/keyturn")
        : ({ kind: "Group", name: groupProperty(where, props.group) } as const),
    eks: undefined,
    accessEntry: false,
    awsProvider: undefined,
    dependsOn: [],
    kubeconfigSecretName: keptSecretNameProperty(where, "kubeconfigSecretName", service, props.kubeconfigSecretName),
    context: props.context === undefined ? undefined : textProperty(where, "context", props.context),
    kubeconfigSecretEncryptionKey: keyReference(
      where,
      "kubeconfigSecretEncryptionKey",
      props.kubeconfigSecretEncryptionKey,
    ),
  };
};

const accessSettings = (where: string, service: string, props: Partial<EksClusterProps & KubeconfigClusterProps>) => {
  const { eksClusterName, kubeconfigSecretName } = props;
  if (eksClusterName !== undefined && kubeconfigSecretName === undefined)
    return eksSettings(where, service, props as EksClusterProps);
  if (kubeconfigSecretName !== undefined && eksClusterName === undefined)
    return kubeconfigSettings(where, service, props as KubeconfigClusterProps);
  return refuse(
    where,
    "a cluster needs either eksClusterName and region, or kubeconfigSecretName; " +
      `received ${received(Object.keys(props).filter((key) => props[key as keyof typeof props] !== undefined))}`,
  );
};

/**
 * Checks a cluster's props.
 * @throws KeyturnError BAD_INPUT that names the property, the value received and what it must be
 */
export const clusterSettings = (where: string, service: string, props: ClusterProps): ClusterSettings => {
  checkProvider(where, "kubernetesProvider", "kubernetes", props.kubernetesProvider);
  return {
    // A name in EKS may be longer, and have other characters, than a tag has room for.
    name: formProperty(where, "name", props.name, NAME_FORM, "1 to 40 of a-z, 0-9 and -, with no - at either end"),
    kubernetesProvider: props.kubernetesProvider,
    ...accessSettings(where, service, props),
  };
};
