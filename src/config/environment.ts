import type { ConfigProblem } from './config-error.ts';
import { configOptions } from './option-list.ts';
import { noSuchOption, splitList, type Setting, type Settings } from './settings.ts';

/** The variable that names the configuration file. */
export const fileVariable = 'FENIX_CONFIG';

/**
 * Variables that begin like ours and are none: those of our test scripts, `FENIX_TOKEN` of `policy check`, and those that Kubernetes sets in every
 * container where a service named `fenix` exists.
 */
const foreign = /^FENIX_((TEST|OPENSTACK)_.*|TOKEN|(SERVICE_HOST|SERVICE_PORT|PORT)(_.*)?)$/;

const byVariable = new Map(configOptions.map((option) => [option.variable, option]));

/** Reads the variables `FENIX_<SECTION>_<OPTION>`. An empty one counts as not set. */
export function readEnvironment(env: NodeJS.ProcessEnv): Settings {
  const byName = new Map<string, Setting>();
  const problems: ConfigProblem[] = [];
  for (const [variable, text] of Object.entries(env)) {
    if (!variable.startsWith('FENIX_') || variable === fileVariable || text === undefined || text === '')
      continue;
    const option = byVariable.get(variable);
    if (option !== undefined) {
      byName.set(option.name, { value: option.isList ? splitList(text) : text, source: variable });
    } else if (!foreign.test(variable)) {
      problems.push({ where: variable, says: noSuchOption(variable, [...byVariable.keys()]) });
    }
  }
  return { byName, problems };
}
