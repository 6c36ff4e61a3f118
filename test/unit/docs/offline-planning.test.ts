import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseInventory, printInventory } from '../../../src/inventory/inventory-file.ts';
import { runPlan } from '../../support/offline.ts';
import { sampleInventory } from '../../support/sample-inventory.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/offline-planning.md'), 'utf8');
const example = /```json\n(.*?)```/s.exec(page)?.[1] ?? '';

describe('docs/offline-planning.md', () => {
  it('has an inventory as the program writes it, and that can be planned', async () => {
    expect(printInventory(parseInventory(example))).toBe(example);
    expect(await runPlan(['--inventory', '-'], example)).toMatchObject({ status: 0, complaints: '' });
  });

  it('names every key', () => {
    const file = JSON.parse(printInventory(sampleInventory())) as Readonly<Record<string, unknown>>;
    const { settings: _settings, ...documented } = file;
    const rows = Object.values(documented).flatMap((value): readonly unknown[] =>
      Array.isArray(value) ? value.slice(0, 1) : [],
    );
    const keys = [
      ...Object.keys(file),
      ...rows.flatMap((row) => (typeof row === 'object' ? Object.keys(row ?? {}) : [])),
    ];
    expect(keys.filter((key) => !page.includes(`\`${key}\``))).toEqual([]);
  });

  it('names every option of the command', async () => {
    const { output } = await runPlan(['--help']);
    const options = [...output.matchAll(/^ +(--[a-z-]+)/gm)].map(([, option]) => option ?? '');
    expect(options.length).toBeGreaterThan(5);
    expect(options.filter((option) => !page.includes(`\`${option}`))).toEqual([]);
  });
});
