import { type Call, header } from '../wire/call.ts';
import { NovaError, badRequest } from './nova-error.ts';

/** The newest microversion that the lab speaks: 2.93, as Nova of the Zed release. */
export const newestMinor = 93;

/** The microversion that a call asks for. */
export interface Microversion {
  /** 87 for 2.87. */
  readonly minor: number;
}

/** The text of the version as asked for, whether or not there is such a one. Undefined: none was asked for. */
function askedVersion(call: Call): string | undefined {
  const general = header(call, 'openstack-api-version');
  const compute = general
    ?.split(',')
    .map((part) => part.trim().split(/\s+/))
    .find(([service]) => service === 'compute');
  return compute === undefined ? header(call, 'x-openstack-nova-api-version') : (compute[1] ?? '');
}

/** Headers that tell which microversion an answer has. */
export function versionHeaders(version: string): Record<string, string> {
  return {
    'OpenStack-API-Version': `compute ${version}`,
    'X-OpenStack-Nova-API-Version': version,
    Vary: 'OpenStack-API-Version, X-OpenStack-Nova-API-Version',
  };
}

/** An unknown microversion: its answer repeats the version that was asked for. */
export class UnknownMicroversion extends NovaError {
  readonly asked: string;
  constructor(asked: string) {
    super(
      406,
      `Version ${asked} is not supported by the API. Minimum is 2.1 and maximum is 2.${newestMinor}.`,
    );
    this.asked = asked;
  }
}

/** @throws NovaError 400 for what is no version, UnknownMicroversion (406) for one that the lab does not speak */
export function readMicroversion(call: Call): Microversion {
  const asked = askedVersion(call) ?? '2.1';
  if (asked === 'latest') return { minor: newestMinor };
  const match = /^(\d+)\.(\d+)$/.exec(asked);
  if (match === null) {
    throw badRequest(
      `API Version String ${asked} is of invalid format. Must be of format MajorNum.MinorNum.`,
    );
  }
  const minor = Number(match[2]);
  if (match[1] !== '2' || minor < 1 || minor > newestMinor) throw new UnknownMicroversion(asked);
  return { minor };
}
