import { readConfigFile } from './config-file.ts';
import { ConfigError, type ConfigProblem } from './config-error.ts';
import { contradictions } from './contradictions.ts';
import { fileVariable, readEnvironment } from './environment.ts';
import { configOptions, type ConfigOption } from './option-list.ts';
import { urlWithoutSecrets } from './secret.ts';
import { configSchema, sections, type Config } from './schema.ts';
import { optionsByName, type Setting } from './settings.ts';

/** What `loadConfig` throws, for those who catch it. */
export { ConfigError };

/** Where a configuration comes from. */
export interface ConfigSources {
  /** The YAML file; it goes before the one that FENIX_CONFIG names. */
  readonly file?: string;
  readonly env: NodeJS.ProcessEnv;
}

type SettingsByName = ReadonlyMap<string, Setting>;

/**
 * Reads the file, if one is named, and the environment, which wins.
 * @throws ConfigError which names every unknown, wrong or contradictory option, where it was set, and what is allowed.
 */
export function loadConfig({ file, env }: ConfigSources): Config {
  const path = file ?? env[fileVariable];
  const fromFile = path === undefined || path === '' ? undefined : readConfigFile(path);
  const fromEnvironment = readEnvironment(env);
  const settings = new Map([...(fromFile?.byName ?? []), ...fromEnvironment.byName]);

  const wrong = wrongOptions(settings);
  const problems = [
    ...(fromFile?.problems ?? []),
    ...fromEnvironment.problems,
    ...wrong.map((option) => wrongValue(option, settings.get(option.name))),
  ];
  const wrongNames = new Set(wrong.map(({ name }) => name));
  const config = configSchema.parse(nested(settings, wrongNames));
  problems.push(...contradictory(config, settings, wrongNames));
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

/** The settings as the schema takes them, some left out. */
function nested(settings: SettingsByName, leftOut: ReadonlySet<string> = new Set()): unknown {
  const bySection = new Map<string, [property: string, value: unknown][]>(
    Object.keys(sections).map((section) => [section, []]),
  );
  for (const { name, path } of configOptions) {
    const setting = leftOut.has(name) ? undefined : settings.get(name);
    if (setting !== undefined) bySection.get(path[0])?.push([path[1], setting.value]);
  }
  return Object.fromEntries([...bySection].map(([section, values]) => [section, Object.fromEntries(values)]));
}

function wrongOptions(settings: SettingsByName): readonly ConfigOption[] {
  const issues = configSchema.safeParse(nested(settings)).error?.issues ?? [];
  return configOptions.filter(({ path }) =>
    issues.some((issue) => issue.path[0] === path[0] && issue.path[1] === path[1]),
  );
}

function wrongValue(option: ConfigOption, setting: Setting | undefined): ConfigProblem {
  const says = `${option.isSecret ? 'its value' : shown(setting?.value)} is not allowed; it must be ${option.allowed}`;
  return { where: located(option.name, setting), says };
}

function contradictory(
  config: Config,
  settings: SettingsByName,
  wrongNames: ReadonlySet<string>,
): readonly ConfigProblem[] {
  return contradictions.flatMap(({ options, says }) => {
    if (options.some((name) => wrongNames.has(name))) return [];
    const text = says(config);
    if (text === undefined) return [];
    return [{ where: options.map((name) => located(name, settings.get(name))).join(', '), says: text }];
  });
}

function located(name: string, setting: Setting | undefined): string {
  const variable = optionsByName.get(name)?.variable ?? '';
  return `${name} (${setting?.source ?? `not set; ${variable} sets it`})`;
}

function shown(value: unknown): string {
  // Somebody may have written a password into a URL where none is taken.
  if (typeof value === 'string')
    return JSON.stringify(value.includes('@') ? urlWithoutSecrets(value) : value);
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string')
    ? `the list ${JSON.stringify(value)}`
    : 'a nested value';
}
