import type { CommanderError } from "commander";

/** A command that did nothing, because of what it was told or what is missing. */
export class CannotStart extends Error {}

export const CANNOT_START = 2;

/** For commander's `exitOverride`: options that it refuses are a command that could not be started. */
export const exitOnBadOptions = ({ exitCode }: CommanderError): never =>
  process.exit(exitCode === 0 ? 0 : CANNOT_START);
