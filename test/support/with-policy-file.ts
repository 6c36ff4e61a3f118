import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Policy } from '../../src/policy/policy.ts';
import { loadPolicy } from '../../src/policy/policy-file.ts';

/** Does something with a policy file that is removed afterwards. */
export async function withPolicyFile(
  text: string,
  work: (load: () => Policy, path: string) => Promise<void> | void,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'fenix-policy-'));
  try {
    const path = join(folder, 'policy.yaml');
    writeFileSync(path, text);
    await work(() => loadPolicy(path), path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
