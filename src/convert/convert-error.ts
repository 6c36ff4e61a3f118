/** A file of Fenix cannot be read. The message names file and line, and shows no value of the file. */
export class ConvertError extends Error {
  override readonly name = 'ConvertError';
  constructor(where: Place, says: string) {
    super(`${placeText(where)}: ${says}`);
  }
}

/** Where something stands in a file of Fenix. */
export interface Place {
  /** The file as it was named. */
  readonly path: string;
  /** Counted from 1. */
  readonly line: number;
}

/** `fenix.conf:12`, as compilers and editors write it. */
export function placeText({ path, line }: Place): string {
  return `${path}:${line}`;
}
