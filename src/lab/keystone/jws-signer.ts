import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a JWS token of Keystone says (keystone-jws-token.json): who, where, until when; no roles. */
export interface JwsClaims {
  readonly sub: string;
  readonly iat: number;
  readonly exp: number;
  readonly openstack_methods: readonly string[];
  readonly openstack_audit_ids: readonly string[];
  readonly openstack_project_id?: string;
}

interface SigningKey {
  readonly privateKey: KeyObject;
  readonly publicFile: string | undefined;
}

/** Signs tokens with ES256, and keeps the public keys in a folder as `keystone-manage create_jws_keypair` would. */
export class JwsSigner {
  readonly #folder: string | undefined;
  #key: SigningKey;

  /** @param folder where public keys are written; it is made when it is missing */
  constructor(folder: string | undefined) {
    this.#folder = folder;
    this.#key = this.#newKey();
  }

  /** Signs with a new key from now on; its public half is added to the folder. `removeOld` takes the old one away. */
  rotate({ removeOld }: { readonly removeOld: boolean }): void {
    const old = this.#key.publicFile;
    this.#key = this.#newKey();
    if (removeOld && old !== undefined) rmSync(old, { force: true });
  }

  sign(claims: JwsClaims): string {
    const head = encode({ alg: 'ES256', typ: 'JWT' });
    const body = encode(claims);
    const signature = sign('sha256', Buffer.from(`${head}.${body}`), {
      key: this.#key.privateKey,
      dsaEncoding: 'ieee-p1363',
    });
    return `${head}.${body}.${signature.toString('base64url')}`;
  }

  #newKey(): SigningKey {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    if (this.#folder === undefined) return { privateKey, publicFile: undefined };
    const pem = publicKey.export({ type: 'spki', format: 'pem' });
    mkdirSync(this.#folder, { recursive: true });
    const name = createHash('sha256').update(pem).digest('hex').slice(0, 16);
    const publicFile = join(this.#folder, `${name}.pem`);
    writeFileSync(publicFile, pem);
    return { privateKey, publicFile };
  }
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
