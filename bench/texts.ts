/** How the table writes numbers: with their unit, and no more digits than say something. */
export const times = (value: number): string => `${value.toFixed(2)} ×`;
export const callsText = (value: number): string => `${value.toLocaleString("en")} ${value === 1 ? "call" : "calls"}`;
export const millisecondsText = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
export const secondsText = (valueMs: number): string => `${(valueMs / 1_000).toFixed(valueMs < 10_000 ? 2 : 1)} s`;
export const minutesText = (valueMs: number): string => `${(valueMs / 60_000).toFixed(1)} min`;
export const kilobytesText = (bytes: number): string => `${(bytes / 1_000).toFixed(bytes < 10_000 ? 1 : 0)} kB`;
export const megabytesText = (bytes: number): string => `${(bytes / 1_000_000).toFixed(0)} MB`;
export const countText = (value: number): string => value.toLocaleString("en");
