/** How a vendor's list says what a key may do. */
export interface ListedAccessForm {
  /** `plain`: in the word that a create takes. `in words`: in one of its own (I), as a label for people has it. @default "plain" */
  readonly listedAccess: "plain" | "in words";
}

/** A role or type as a list shows it. */
export const listedAccess = (access: string, form: ListedAccessForm): string =>
  form.listedAccess === "in words" ? `${access} key` : access;
