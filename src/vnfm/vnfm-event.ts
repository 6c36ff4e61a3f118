/** What the application manager received and did, one entry for each. */
import type { InstanceActions, QuestionState } from '../sdk/index.ts';

/** An instance, as the log names it. */
export interface NamedInstance {
  readonly id: string;
  readonly name: string;
}

export type VnfmHappening =
  /** It listens, its constraints are registered and its alarm is set. */
  | { readonly kind: 'started'; readonly url: string; readonly projectId: string; readonly instances: number }
  /** The constraints that are registered now. */
  | {
      readonly kind: 'registered';
      readonly groups: readonly string[];
      readonly instances: readonly NamedInstance[];
    }
  | {
      readonly kind: 'received';
      readonly messageId: string;
      readonly sessionId: string;
      readonly state: QuestionState | 'INSTANCE_ACTION_DONE';
      /** It came before, and is not acted on again. */
      readonly repeated: boolean;
      /** As it came: the ids, or the URL where they are to be had. */
      readonly instanceIds: string | readonly string[];
      /** End of the reply window. */
      readonly replyAt?: string;
    }
  | {
      readonly kind: 'replied';
      readonly messageId: string;
      readonly sessionId: string;
      /** `ACK_...` or `NACK_...` */
      readonly state: string;
      readonly actions?: InstanceActions;
    }
  /** As it was told to for a test, it does not answer. */
  | { readonly kind: 'silent'; readonly messageId: string; readonly state: QuestionState }
  /** Another instance of the pair is the active one from now on. */
  | { readonly kind: 'switched_over'; readonly from: NamedInstance; readonly to: NamedInstance }
  | { readonly kind: 'scaled_in' | 'scaled_out'; readonly instances: readonly NamedInstance[] }
  /** By its own action it put a new instance in the place of an old one. */
  | { readonly kind: 'replaced'; readonly name: string; readonly oldId: string; readonly newId: string }
  | { readonly kind: 'problem'; readonly message: string; readonly messageId?: string }
  | { readonly kind: 'stopped' };

/** A happening with its time, ISO 8601 in UTC. */
export type VnfmEvent = VnfmHappening & { readonly at: string };
