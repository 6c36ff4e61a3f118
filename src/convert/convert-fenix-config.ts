import { optionsByName } from '../config/settings.ts';
import { accountOf, accountOptions } from './account.ts';
import { gather, inOrder, type Carried, type FenixFiles } from './gather.ts';
import { OsloFile } from './oslo-file.ts';
import { addressOptions, fenixDefaults, serverAddress } from './server-address.ts';
import type { FileKind } from './sources.ts';
import { writeYaml } from './write-yaml.ts';

/** A file as it was read. */
export interface FenixFileText {
  /** What it is called in comments and errors. */
  readonly path: string;
  readonly text: string;
}

export interface ConvertOptions {
  /** `inline` writes passwords into the YAML; `environment` names the variable that has to hold each. */
  readonly secrets: 'inline' | 'environment';
}

export interface Conversion {
  /** The configuration, with everything that follows as comments. */
  readonly yaml: string;
  /** What a person has to look at before the start. */
  readonly checks: readonly string[];
  /** Options that differ between the two files, and which won. */
  readonly overruled: readonly string[];
  /** Options of Fenix that have no counterpart, and why. */
  readonly leftOut: readonly string[];
  /** Variables that must hold the passwords that were left out. */
  readonly variables: readonly string[];
}

const needed = ['auth_url', 'username', 'password', 'project_name'].map((key) => `keystone.${key}`);

/**
 * Turns the configuration of Fenix, `fenix.conf` of the engine and `fenix-api.conf` of the API or one of them, into ours.
 * @throws ConvertError when a file is not oslo.config's INI, or refers to an option that is not there.
 */
export function convertFenixConfig(
  texts: Readonly<Partial<Record<FileKind, FenixFileText>>>,
  { secrets }: ConvertOptions,
): Conversion {
  const open = (kind: FileKind): FenixFiles => {
    const file = texts[kind];
    return file === undefined ? {} : { [kind]: new OsloFile(file.path, file.text, fenixDefaults) };
  };
  const files: FenixFiles = { ...open('engine'), ...open('api') };
  const gathered = gather(files, new Set([...addressOptions, ...accountOptions]));
  const account = accountOf(files);
  const address = serverAddress(files);
  const own = new Set([...account.carried, ...gathered.carried].map(({ option }) => option));
  const carried = [
    ...address.carried,
    ...authOf(files, own, address.isRemote),
    database,
    ...notificationsOf(own, account.engineProject),
    ...account.carried,
    ...gathered.carried,
  ];
  const checks = [
    ...address.checks,
    ...accountChecks(carried),
    ...fileChecks(carried),
    'nova.*_allocation_ratio must be what the computes have: Fenix did not ask',
  ];
  const overruled = inOrder([...account.overruled, ...gathered.overruled], files);
  const leftOut = inOrder([...account.leftOut, ...gathered.leftOut], files);
  const hidden = carried.filter(
    ({ option }) =>
      secrets === 'environment' && option !== database.option && optionsByName.get(option)?.isSecret === true,
  );
  return {
    yaml: writeYaml({
      from: Object.values(texts).map(({ path }) => path),
      carried,
      hidden: new Set(hidden.map(({ option }) => option)),
      remarks: { checks, overruled, leftOut },
    }),
    checks,
    overruled,
    leftOut,
    variables: hidden.map(({ option }) => optionsByName.get(option)?.variable ?? option),
  };
}

/** Fenix kept its own in MySQL. The path is the one of the service unit and of the image. */
const database: Carried = {
  option: 'database.url',
  value: 'sqlite:///var/lib/fenix/fenix.sqlite',
  comment: 'new and empty; or postgresql://user:password@host:5432/database',
};

/** Fenix asked for tokens from late 2019 on, where `[keystone_authtoken]` is (facts 1.3). */
function authOf(files: FenixFiles, own: ReadonlySet<string>, isRemote: boolean): readonly Carried[] {
  const mode = (value: string, comment: string): Carried => ({ option: 'auth.mode', value, comment });
  if (files.api === undefined) {
    return own.has('keystone.auth_url')
      ? [mode('keystone', 'there was no fenix-api.conf to tell whether Fenix asked for tokens')]
      : [];
  }
  if (files.api.entries().some(({ section }) => section === 'keystone_authtoken')) {
    return [mode('keystone', 'Fenix asked for tokens: [keystone_authtoken] is there')];
  }
  const none = mode('none', 'Fenix asked for no tokens: there is no [keystone_authtoken]');
  if (!isRemote) return [none];
  const comment = 'CHECK: everybody who reaches this server may do everything, as with this Fenix';
  return [none, { option: 'server.allow_unauthenticated_remote', value: 'true', comment }];
}

/** Fenix tells Ceilometer by RabbitMQ, and its own project of the hosts (facts 4.2). */
function notificationsOf(own: ReadonlySet<string>, project: string | undefined): readonly Carried[] {
  const carried: Carried[] = [];
  if (own.has('notifications.transport_url')) {
    carried.push({
      option: 'notifications.driver',
      value: 'oslo',
      comment: 'there is a transport_url: Ceilometer and Aodh go on as before',
    });
  }
  if (project !== undefined) {
    carried.push({
      option: 'notifications.infrastructure_project',
      value: project,
      comment: 'hears maintenance.host and maintenance.session, as with Fenix',
    });
  }
  return carried;
}

function accountChecks(carried: readonly Carried[]): readonly string[] {
  const valueOf = (name: string) => carried.find(({ option }) => option === name)?.value;
  const missing = needed.filter((name) => valueOf(name) === undefined);
  const wanted =
    valueOf('auth.mode') === 'keystone' ||
    valueOf('notifications.driver') === 'oslo' ||
    missing.length < needed.length;
  if (!wanted) return ['set the options of the section keystone: without them there is no cloud to maintain'];
  if (missing.length > 0) return [`set ${missing.join(', ')}: the files do not say`];
  return [
    `${valueOf('keystone.username') ?? ''} needs the role admin in the project ${valueOf('keystone.project_name') ?? ''}`,
  ];
}

function fileChecks(carried: readonly Carried[]): readonly string[] {
  const paths = carried.filter(({ option }) => /(_file|\.file)$/.test(option));
  return [
    ...paths.map(({ option, value }) => `${option}: ${value} must be readable by the user of fenix-server`),
    ...(paths.some(({ option }) => option === 'policy.file')
      ? [
          'policy.file: its rules may have other names here; fenix-server policy show prints those (docs/policy.md)',
        ]
      : []),
  ];
}
