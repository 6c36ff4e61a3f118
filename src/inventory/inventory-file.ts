/** Inventories as files (docs/offline-planning.md). */
import { z } from 'zod';
import type { Inventory } from './inventory.ts';
import { inventoryFormat, inventorySchema, inventoryVersion } from './inventory-schema.ts';

/** A text is no inventory; the message says where and why, without the name of the file. */
export class InventoryRefused extends Error {
  override readonly name = 'InventoryRefused';
}

/** More than these help nobody to mend a file. */
const problemsShown = 10;

/** One row of a list to a line, for `grep` and `diff`. */
export function printInventory(inventory: Inventory): string {
  const entries = Object.entries(z.encode(inventorySchema, inventory)).map(
    ([key, value]) => `${JSON.stringify(key)}: ${rows(value)}`,
  );
  return `{\n${entries.join(',\n')}\n}\n`;
}

function rows(value: unknown): string {
  if (!Array.isArray(value) || value.length === 0) return JSON.stringify(value);
  return `[\n${value.map((row) => `  ${JSON.stringify(row)}`).join(',\n')}\n]`;
}

/** @throws InventoryRefused */
export function parseInventory(text: string): Inventory {
  const document = parseJson(text);
  refuseOtherFormats(document);
  const { success, data, error } = inventorySchema.safeParse(document);
  if (success) return data;
  throw new InventoryRefused(listOf(error.issues.flatMap(problemsOf)));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InventoryRefused(`it is not JSON: ${reason}`, { cause: error });
  }
}

/** Of a file that is something else, a list of all that it lacks would not say so. */
function refuseOtherFormats(document: unknown): void {
  const header = z
    .object({ format: z.literal(inventoryFormat), version: z.number() })
    .safeParse(document).data;
  if (header === undefined) {
    throw new InventoryRefused(`it does not begin with "format": "${inventoryFormat}" and a "version"`);
  }
  if (header.version === inventoryVersion) return;
  const writer = header.version > inventoryVersion ? 'a newer' : 'another';
  throw new InventoryRefused(
    `/version: it is ${header.version}, and this program reads ${inventoryVersion}: plan with ${writer} version of this program`,
  );
}

interface Problem {
  readonly pointer: string;
  readonly says: string;
}

function problemsOf(issue: z.core.$ZodIssue): readonly Problem[] {
  // Each key that is not known by itself: that is where the mistake is.
  const { path, message } = issue;
  return issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => ({ pointer: pointerTo([...path, key]), says: 'there is no such key' }))
    : [{ pointer: pointerTo(path), says: message }];
}

function pointerTo(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function listOf(problems: readonly Problem[]): string {
  const lines = problems.slice(0, problemsShown).map(({ pointer, says }) => `${pointer}: ${says}`);
  const more = problems.length - lines.length;
  if (more > 0) lines.push(`and ${more} more`);
  return lines.map((line) => `\n  - ${line}`).join('');
}
