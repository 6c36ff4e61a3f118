/** Is this a mistake of the program, of which whoever gave the command can do nothing but report it with its place? */
export function isOwnFault(error: unknown): boolean {
  return error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError;
}
