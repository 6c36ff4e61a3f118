/** What people type behind `fenix-server policy check`. */
import { nearestName } from '../config/nearest-name.ts';
import { credentialNames, type CredentialName, type Credentials } from '../policy/credentials.ts';
import type { Target } from '../policy/evaluate.ts';
import type { EffectiveRule, Policy } from '../policy/policy.ts';
import { Misuse } from './misuse.ts';

/** @throws Misuse */
export function ruleNamed(name: string, { rules }: Policy): EffectiveRule {
  const rule = rules.find((known) => known.name === name);
  if (rule !== undefined) return rule;
  const nearest = nearestName(
    name,
    rules.map((known) => known.name),
  );
  const hint = nearest === undefined ? '"policy show" lists them' : `did you mean ${nearest}?`;
  throw new Misuse(`there is no rule ${name}; ${hint}`);
}

/** @throws Misuse where it is not an object of texts, or names what the rule does not compare with. */
export function readTarget(json: string | undefined, { name, target }: EffectiveRule): Target {
  const values = json === undefined ? {} : readObject('--target', json);
  for (const [attribute, value] of Object.entries(values)) {
    if (typeof value !== 'string') throw new Misuse(`--target: ${attribute} must be text`);
    if (target !== undefined && !target.includes(attribute)) {
      throw new Misuse(
        `--target: ${name} ${target.length === 0 ? 'compares with nothing' : `compares with ${target.join(', ')}`}, not with ${attribute}`,
      );
    }
  }
  return values as Target;
}

/** @throws Misuse where it is not what a token may say. */
export function readCredentials(json: string): Credentials {
  const values = readObject('--credentials', json);
  const { roles = [], ...attributes } = values;
  if (!Array.isArray(roles) || !roles.every((role) => typeof role === 'string')) {
    throw new Misuse('--credentials: roles must be a list of names');
  }
  for (const [name, value] of Object.entries(attributes)) {
    if (!(credentialNames as readonly string[]).includes(name)) {
      const nearest = nearestName(name, ['roles', ...credentialNames]);
      const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
      throw new Misuse(
        `--credentials: a token has no ${name}${hint}; there are roles, ${credentialNames.join(', ')}`,
      );
    }
    const isFlag = name === 'is_admin' || name === 'is_admin_project';
    if (typeof value !== (isFlag ? 'boolean' : 'string')) {
      throw new Misuse(`--credentials: ${name} must be ${isFlag ? 'true or false' : 'text'}`);
    }
  }
  const given = attributes as Partial<Record<CredentialName, string | boolean>>;
  return { is_admin: false, is_admin_project: true, ...given, roles };
}

function readObject(option: string, json: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new Misuse(`${option} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Misuse(`${option} must be a JSON object`);
  }
  return value as Readonly<Record<string, unknown>>;
}
