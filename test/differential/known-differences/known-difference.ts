/** A difference that has been looked at: what the two servers do, who is right, and the page that decides. */
export interface KnownDifference {
  /** Situations of the script; an operation alone stands for all of its situations. */
  readonly at: readonly string[];
  /** `result`, or paths of fields in the answers. */
  readonly fields: readonly string[];
  /** For `result` exactly what our model answers, else in words. */
  readonly ours: string;
  readonly motos: string;
  readonly right: "ours" | "moto" | "neither" | "not documented";
  readonly page: string;
  readonly why: string;
  /** How a difference in a random sequence is told from another in the same fields. Default: every one is meant. */
  readonly explains?: (ours: unknown, motos: unknown) => boolean;
  /** Both calls succeed and leave different secrets behind: nothing later can be compared. */
  readonly diverges?: boolean;
}

const REFERENCE = "https://docs.aws.amazon.com/secretsmanager/latest/apireference";
export const GUIDE = "https://docs.aws.amazon.com/secretsmanager/latest/userguide";
/** The page of an operation or a data type. */
export const api = (page: string): string => `${REFERENCE}/API_${page}.html`;
export const ERRORS = `${REFERENCE}/CommonErrors.html`;
