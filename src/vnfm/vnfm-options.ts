/** What can be set on the sample application manager. */
import type { InstanceAction, KeystoneCredentials, QuestionState } from '../sdk/index.ts';
import type { VnfmEvent } from './vnfm-event.ts';

export interface VnfmOptions {
  readonly credentials: KeystoneCredentials;
  /** Where it listens for alarms. Default: 127.0.0.1, any free port. Doctor's listens at 12348. */
  readonly host?: string;
  readonly port?: number;
  /** Under which URL alarms reach it, where that is not the address that it listens at. */
  readonly alarmUrl?: string;
  /** Default: `vnfm-maintenance`. */
  readonly alarmName?: string;
  /** Servers whose names begin so are the active-standby pair. Default: `doctor_ha_app_`. */
  readonly haPrefix?: string;
  /** Servers whose names begin so are not redundant. Default: `doctor_nonha_app_`. */
  readonly nonHaPrefix?: string;
  /** How many instances go at each SCALE_IN: enough to empty a host. Default: 2. */
  readonly scaleInBy?: number;
  /** The preferred action, where it is allowed. Default: MIGRATE. */
  readonly action?: InstanceAction;
  /** The least time between a notice and its impact that it registers. Seconds; default 40, as Doctor's. */
  readonly leadSeconds?: number;
  /** OWN_ACTION boots the new instance before it deletes the old one. Needs room for both. Default: false. */
  readonly createBeforeDelete?: boolean;
  /** How often it looks whether a server is gone or active. Seconds, default 0.2. */
  readonly pollSeconds?: number;
  /** How long a server may take for that. Seconds, default 300. */
  readonly patienceSeconds?: number;
  /** See `MaintenanceClientOptions.trustedOrigins`. */
  readonly trustedOrigins?: readonly string[];
  /** For tests: answers this state with NACK. */
  readonly refuse?: QuestionState;
  /** For tests: does not answer this state. */
  readonly silent?: QuestionState;
  /** For tests: waits so long before each reply. Seconds. */
  readonly delaySeconds?: number;
  /** Told of everything as it happens. */
  onEvent?(event: VnfmEvent): void;
}
