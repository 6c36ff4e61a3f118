import { placeText } from './convert-error.ts';
import { optionText, remark, type Carried, type FenixFiles, type Remark } from './gather.ts';
import type { OsloValue } from './oslo-file.ts';
import { asText, domainById, passwordOnly, type Reader } from './read-value.ts';
import type { FileKind } from './sources.ts';

/** Where an account stands: which option of Fenix, in the section, is which of ours in the section keystone. */
interface AccountSource {
  readonly file: FileKind;
  readonly section: string;
  readonly options: Readonly<Record<string, readonly (readonly [key: string, read: Reader])[]>>;
}

const named = (prefix: string): AccountSource['options'] => ({
  username: [[`${prefix}username`, asText]],
  auth_url: [[`${prefix}auth_url`, asText]],
  password: [[`${prefix}password`, asText]],
  user_domain_name: [
    [`${prefix}user_domain_name`, asText],
    [`${prefix}user_domain_id`, domainById],
  ],
  project_name: [[`${prefix}project_name`, asText]],
  project_domain_name: [
    [`${prefix}project_domain_name`, asText],
    [`${prefix}project_domain_id`, domainById],
  ],
});

/**
 * The accounts that Fenix may have, in the order of preference: one account does everything here, and that of the engine
 * is the one that acts in Nova. `workflow_*` were replaced by `[service_user]` (facts 7.1).
 */
const accounts: readonly AccountSource[] = [
  { file: 'engine', section: 'service_user', options: named('os_') },
  {
    file: 'engine',
    section: 'DEFAULT',
    options: {
      username: [['workflow_user', asText]],
      password: [['workflow_password', asText]],
      project_name: [['workflow_project', asText]],
    },
  },
  { file: 'api', section: 'keystone_authtoken', options: named('') },
];

/** The options that are read here, as `kind section.key`. */
export const accountOptions: ReadonlySet<string> = new Set([
  ...accounts.flatMap(({ file, section, options }) =>
    Object.values(options).flatMap((keys) => keys.map(([key]) => `${file} ${section}.${key}`)),
  ),
  'api keystone_authtoken.auth_type',
]);

export interface Account {
  readonly carried: readonly Carried[];
  readonly leftOut: readonly Remark[];
  readonly overruled: readonly Remark[];
  /** The project that the engine of Fenix belonged to. */
  readonly engineProject?: string;
}

/** The first account that has a user, as a whole: a user of one with the password of another would be nobody. */
export function accountOf(files: FenixFiles): Account {
  const found = accounts.flatMap((source) => {
    const username = usernameOf(source, files);
    return username === undefined ? [] : [{ source, username }];
  });
  const [chosen, ...others] = found;
  const { carried, leftOut } =
    chosen === undefined ? { carried: [], leftOut: [] } : take(chosen.source, files);
  const login = files.api?.get('keystone_authtoken', 'auth_type');
  const reading = login === undefined ? undefined : passwordOnly(login.value);
  if (login !== undefined && reading !== undefined && 'leftOut' in reading) {
    leftOut.push(remark(login.place, 'keystone_authtoken', 'auth_type', reading.leftOut));
  }
  const overruled = others
    .filter(({ source }) => take(source, files).carried.some((one) => differs(one, carried)))
    .map(({ source, username }) => {
      const says = `one account does everything here, and it is that of [${chosen?.source.section ?? ''}]`;
      return remark(username.place, source.section, usernameKey(source), says);
    });
  const project = carried.find(({ option }) => option === 'keystone.project_name')?.value;
  const isEngine = chosen?.source.file === 'engine';
  // Of workflow_user Fenix has no URL; that of the API is the same Keystone.
  const url = carried.some(({ option }) => option === 'keystone.auth_url') ? [] : urlOfApi(files);
  return {
    carried: [...url, ...carried],
    leftOut,
    overruled,
    ...(isEngine && project !== undefined && { engineProject: project }),
  };
}

function usernameOf(source: AccountSource, files: FenixFiles): OsloValue | undefined {
  return files[source.file]?.get(source.section, usernameKey(source));
}

const usernameKey = ({ options }: AccountSource): string => options['username']?.[0]?.[0] ?? '';

function differs({ option, value }: Carried, from: readonly Carried[]): boolean {
  const other = from.find((one) => one.option === option);
  return other !== undefined && other.value !== value;
}

function take({ file, section, options }: AccountSource, files: FenixFiles) {
  const carried: Carried[] = [];
  const leftOut: Remark[] = [];
  for (const [option, keys] of Object.entries(options)) {
    for (const [key, read] of keys) {
      const found = files[file]?.get(section, key);
      if (found === undefined) continue;
      const reading = read(found.value);
      if ('leftOut' in reading) {
        leftOut.push(remark(found.place, section, key, reading.leftOut));
        continue;
      }
      const comment = `${placeText(found.place)} ${optionText(section, key)}`;
      carried.push({ option: `keystone.${option}`, value: reading.value, comment });
      break;
    }
  }
  return { carried, leftOut };
}

function urlOfApi({ api }: FenixFiles): readonly Carried[] {
  for (const key of ['auth_url', 'identity_uri']) {
    const found = api?.get('keystone_authtoken', key);
    if (found === undefined) continue;
    const comment = `${placeText(found.place)} ${optionText('keystone_authtoken', key)}`;
    return [{ option: 'keystone.auth_url', value: found.value, comment }];
  }
  return [];
}
