/** What a key may do, in its vendor's own term: Pictograph's keys have a role, Pictify's a type. */
export type AccessKind = "role" | "type";

export interface Access {
  readonly kind: AccessKind;
  readonly value: string;
}

/** `{role: "member"}` or `{type: "live"}`: the form in which access stands in tags, grants and stored values. */
export const accessFields = (access: Access): { role?: string; type?: string } => ({ [access.kind]: access.value });

/** Reads that form back; `undefined` when there is none, or both. */
export const accessOf = (fields: { role?: string | undefined; type?: string | undefined }): Access | undefined => {
  if (fields.role !== undefined && fields.type !== undefined) return undefined;
  if (fields.role !== undefined) return { kind: "role", value: fields.role };
  return fields.type === undefined ? undefined : { kind: "type", value: fields.type };
};

export const sameAccess = (a: Access, b: Access): boolean => a.kind === b.kind && a.value === b.value;

/** "role member": for messages. */
export const accessText = (access: Access): string => `${access.kind} ${access.value}`;
