import { createPublicKey, type KeyObject } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import jwt from 'jsonwebtoken';
import type { Logger } from 'pino';
import { IdentityUnavailable, TokenRejected } from '../../engine/ports.ts';

/** Clocks of servers differ by this much at most, seconds. Keystone has the last word on expiry anyway. */
const clockToleranceSeconds = 5;

/** Three parts between dots, the first of them a JSON object; Fernet tokens have no dots. */
export function looksLikeJws(token: string): boolean {
  return /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/.test(token);
}

/**
 * The public keys with which Keystone's JWS tokens (ES256) are verified, one PEM file each in a folder
 * (`jws_public_key_repository` of Keystone). A good signature proves who asks, but neither roles nor that the token
 * was not revoked.
 */
export class JwsKeys {
  readonly #folder: string;
  readonly #logger: Logger | undefined;
  #keys: readonly KeyObject[] | undefined;
  #reading: Promise<readonly KeyObject[]> | undefined;

  constructor(folder: string, logger?: Logger) {
    this.#folder = folder;
    this.#logger = logger;
  }

  /**
   * Checks signature and expiry. A token that no known key has signed makes the folder be read again, once, since
   * Keystone's keys are exchanged without a word to us.
   * @param now milliseconds since 1970
   * @throws TokenRejected; IdentityUnavailable when the folder cannot be read.
   */
  async verify(token: string, now: number): Promise<void> {
    if (this.#keys !== undefined && isSigned(token, this.#keys, now)) return;
    if (!isSigned(token, await this.read(), now)) {
      throw new TokenRejected('the token is not signed with a known key');
    }
  }

  /**
   * Reads the folder; a reading that is under way is shared. Files without a public key are passed over with a warning.
   * @throws IdentityUnavailable when there is no folder, or no key in it.
   */
  read(): Promise<readonly KeyObject[]> {
    this.#reading ??= this.#readFolder()
      .then((keys) => (this.#keys = keys))
      .finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  async #readFolder(): Promise<readonly KeyObject[]> {
    try {
      const entries = await readdir(this.#folder, { withFileTypes: true });
      const files = entries
        .filter((entry) => !entry.isDirectory())
        .map(({ name }) => join(this.#folder, name));
      const keys = (await Promise.all(files.map((file) => this.#readKey(file)))).filter(
        (key) => key !== undefined,
      );
      if (keys.length === 0) throw new Error('there is no public key of the kind EC P-256 in it');
      return keys;
    } catch (error) {
      throw new IdentityUnavailable(`no keys for tokens from folder ${this.#folder}: ${String(error)}`, {
        cause: error,
      });
    }
  }

  async #readKey(file: string): Promise<KeyObject | undefined> {
    try {
      const key = createPublicKey(await readFile(file, 'utf8'));
      if (key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return key;
      throw new Error('not a key of the kind EC P-256');
    } catch (error) {
      this.#logger?.warn({ err: error, file }, 'passed over: not a public key for tokens');
      return undefined;
    }
  }
}

/** @throws TokenRejected when one of the keys has signed it, but it has expired. */
function isSigned(token: string, keys: readonly KeyObject[], now: number): boolean {
  return keys.some((key) => {
    try {
      jwt.verify(token, key, {
        algorithms: ['ES256'],
        clockTimestamp: Math.floor(now / 1000),
        clockTolerance: clockToleranceSeconds,
      });
      return true;
    } catch (error) {
      if (error instanceof jwt.TokenExpiredError)
        throw new TokenRejected('the token has expired', { cause: error });
      return false;
    }
  });
}
