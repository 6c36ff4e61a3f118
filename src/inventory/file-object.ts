import { z } from 'zod';

/**
 * The schema of an object whose keys are written in a file as the API and the configuration write theirs (`project_id`), and in
 * the program as the program does (`projectId`). Reads and writes (`z.encode`). Keys that it does not know are refused.
 */
export function fileObject<Shape extends z.ZodRawShape>(shape: Shape) {
  type Value = z.output<z.ZodObject<Shape>>;
  return z.codec(z.strictObject(withKeys(shape, inFile)), z.custom<Value>(), {
    // The shapes are the same but for the names of their keys, which no type tells.
    decode: (written) => withKeys(written, inProgram) as Value,
    encode: (value) => withKeys(value as Readonly<Record<string, unknown>>, inFile),
  });
}

function withKeys<T>(
  record: Readonly<Record<string, T>>,
  rename: (key: string) => string,
): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [rename(key), value]));
}

function inFile(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function inProgram(key: string): string {
  return key.replaceAll(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase());
}
