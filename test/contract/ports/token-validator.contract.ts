import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenValidator } from '../../../src/engine/ports.ts';

/** An identity service, and what its users and operators do. */
export interface IdentityUnderTest {
  /** A new validator that knows nothing yet, and remembers answers for so long. */
  makeValidator(options: { readonly cacheSeconds: number }): TokenValidator;
  /** One whose identity service does not answer. */
  makeLonelyValidator(): TokenValidator;
  /** A fresh token of user `doctor`, a member of project `doctor`. */
  issueToken(): Promise<string>;
  revokeToken(token: string): Promise<void>;
  /** Makes the identity service refuse the token with which all validators made so far ask it. */
  revokeServiceToken(): Promise<void>;
  close(): Promise<void>;
}

/** What every `TokenValidator` does. */
export function describeTokenValidatorContract(
  name: string,
  makeIdentity: () => Promise<IdentityUnderTest>,
): void {
  describe(`a token validator: ${name}`, () => {
    let subject: IdentityUnderTest;
    const rejected = { name: 'TokenRejected' };

    beforeAll(async () => {
      subject = await makeIdentity();
    });
    // There is none when it could not be made.
    afterAll(() => (subject as typeof subject | undefined)?.close());

    it('tells whose a good token is', async () => {
      const validator = subject.makeValidator({ cacheSeconds: 10 });
      const identity = await validator.validate(await subject.issueToken());
      expect(identity).toMatchObject({ userName: 'doctor', projectName: 'doctor' });
      expect(identity.userId).toMatch(/^[0-9a-f]{32}$/);
      expect(identity.projectId).toMatch(/^[0-9a-f]{32}$/);
      expect(identity.roles).toContain('member');
      expect(identity.roles).not.toContain('admin');
      expect(identity.expiresAt).toBeGreaterThan(Date.now());
    });

    it('answers the same to many who ask at the same time', async () => {
      const validator = subject.makeValidator({ cacheSeconds: 10 });
      const token = await subject.issueToken();
      const answers = await Promise.all(Array.from({ length: 20 }, () => validator.validate(token)));
      for (const answer of answers) expect(answer).toEqual(answers[0]);
    });

    it.each(['', 'nonsense', 'with space', 'new\nline', 'ä', 'x'.repeat(10_000), 'gAAAAABnonsense', 'a.b.c'])(
      'rejects what is no token: %j',
      async (token) => {
        const validator = subject.makeValidator({ cacheSeconds: 10 });
        await expect(validator.validate(token)).rejects.toMatchObject(rejected);
        await expect(validator.validate(token)).rejects.toMatchObject(rejected);
      },
    );

    it('rejects a revoked token once what it remembered is too old, and never names it', async () => {
      const forgetful = subject.makeValidator({ cacheSeconds: 0 });
      const remembering = subject.makeValidator({ cacheSeconds: 3600 });
      const token = await subject.issueToken();
      await forgetful.validate(token);
      await remembering.validate(token);
      await subject.revokeToken(token);
      const error = await forgetful.validate(token).catch((reason: unknown) => reason);
      expect(error).toMatchObject(rejected);
      expect(String(error)).not.toContain(token.slice(0, 20));
      await remembering.validate(token);
    });

    it('gets itself a new service token when its own is refused', async () => {
      const validator = subject.makeValidator({ cacheSeconds: 0 });
      await validator.validate(await subject.issueToken());
      await subject.revokeServiceToken();
      const token = await subject.issueToken();
      expect(await validator.validate(token)).toMatchObject({ userName: 'doctor' });
    });

    it('does not take silence for a verdict', async () => {
      const validator = subject.makeLonelyValidator();
      const error = await validator.validate(await subject.issueToken()).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ name: 'IdentityUnavailable' });
    });
  });
}
