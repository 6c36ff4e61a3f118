import type { Answer } from '../wire/call.ts';

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  503: 'Service Unavailable',
};

/** An error in the words of Keystone. */
export class KeystoneError extends Error {
  override readonly name = 'KeystoneError';
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export const unauthorized = (): KeystoneError =>
  new KeystoneError(401, 'The request you have made requires authentication.');

export const notAllowed = (rule: string): KeystoneError =>
  new KeystoneError(403, `You are not authorized to perform the requested action: ${rule}.`);

/** @param authUrl named by a 401 as the place to get a token */
export function keystoneErrorAnswer({ status, message }: KeystoneError, authUrl: string): Answer {
  return {
    status,
    headers: status === 401 ? { 'WWW-Authenticate': `Keystone uri="${authUrl}"` } : {},
    body: { error: { code: status, message, title: titles[status] ?? 'Error' } },
  };
}
