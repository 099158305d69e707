/** What a shell, and most libraries that read settings, take for the name of an environment variable (POSIX: "Name"). */
const VARIABLE = /^[A-Za-z_]\w*$/;

/** Whether a data key can be read as an environment variable of its own name, as `envFrom` gives it. */
export const isVariableName = (text: string): boolean => VARIABLE.test(text);

/** What is to be said where all of a Secret becomes environment variables, and a data key is no name of one. */
export const envFromText = (dataKey: string): string =>
  `envFrom makes of the data key ${dataKey} a variable of that name, which no shell can read; reference the key itself (valueFrom.secretKeyRef), or declare a dataKey such as API_KEY`;
