import { findPython, HOW_TO_GET_PYTHON, MINIMUM_PYTHON, type PythonChoice } from "./aws/python-interpreter.ts";
import { type TerraformEnvironment, terraformEnvironment } from "./terraform/environment.ts";
import { HOW_TO_GET_TERRAFORM, locateTerraform, MINIMUM_TERRAFORM, type TerraformChoice } from "./terraform/locate.ts";

export type PrerequisiteName =
  | "Node.js"
  | "Terraform"
  | "Terraform's AWS provider"
  | "Python"
  | "a Kubernetes API server"
  | "a Kubernetes API server of our own";

/** Something that the sandbox needs of the machine, and that is not there as it must be. */
export interface MissingPrerequisite {
  readonly name: PrerequisiteName;
  /** What is there instead. Absent: nothing. */
  readonly found?: string;
  readonly needed: string;
  readonly howToGet: string;
}

const MINIMUM_NODE = "20.19";

/** Whether a version of Node is at least 20.19, the first 20 with everything that the packages use. */
export const checkNode = (version: string): MissingPrerequisite | undefined => {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return undefined;
  return { name: "Node.js", found: version, needed: `>= ${MINIMUM_NODE}`, howToGet: "See nodejs.org/en/download." };
};

export const checkPython = (choice: PythonChoice): MissingPrerequisite | undefined =>
  choice.found
    ? undefined
    : {
        name: "Python",
        found: choice.problem,
        needed: `>= ${MINIMUM_PYTHON} with its venv module`,
        howToGet: HOW_TO_GET_PYTHON,
      };

export const checkTerraform = (choice: TerraformChoice): MissingPrerequisite | undefined =>
  choice.found
    ? undefined
    : { name: "Terraform", found: choice.problem, needed: `>= ${MINIMUM_TERRAFORM}`, howToGet: HOW_TO_GET_TERRAFORM };

export const checkProvider = ({ missing }: Pick<TerraformEnvironment, "missing">): MissingPrerequisite | undefined =>
  missing === undefined
    ? undefined
    : { name: "Terraform's AWS provider", needed: "hashicorp/aws from its registry or a mirror", howToGet: missing };

export interface PrerequisiteOptions {
  /** The sandbox's state folder. Default `.sandbox`. */
  readonly stateFolder?: string;
  /** Default: this process's environment. */
  readonly env?: NodeJS.ProcessEnv;
}

/** Whether Terraform is there and can have its AWS provider. Empty: yes. */
export const checkDeployTools = async (options: PrerequisiteOptions = {}): Promise<readonly MissingPrerequisite[]> => {
  const env = options.env ?? process.env;
  const terraform = checkTerraform(await locateTerraform(env));
  if (terraform) return [terraform];
  const provider = checkProvider(await terraformEnvironment({ stateFolder: options.stateFolder ?? ".sandbox", env }));
  return provider ? [provider] : [];
};

/** Everything that the real deploy needs and this machine does not have. Empty: nothing is missing. */
export const checkPrerequisites = async (
  options: PrerequisiteOptions = {},
): Promise<readonly MissingPrerequisite[]> => {
  const [deployTools, python] = await Promise.all([checkDeployTools(options), findPython(options.env)]);
  const missing = [checkNode(process.version), ...deployTools, checkPython(python)];
  return missing.filter((prerequisite) => prerequisite !== undefined);
};

const describeOne = ({ name, found, needed, howToGet }: MissingPrerequisite): string =>
  `${name} (${needed})${found ? `: ${found}` : " is missing"}\n    ${howToGet}`;

/** The same in one line. */
export const missingLine = ({ name, found, needed, howToGet }: MissingPrerequisite): string =>
  `${name} (${needed})${found ? `: ${found}` : " is missing"}. ${howToGet}`;

/** What is missing as text for people, one entry a prerequisite with how to get it. Nothing missing: an empty text. */
export const describeMissing = (missing: readonly MissingPrerequisite[]): string => missing.map(describeOne).join("\n");
