import type { Answer } from '../wire/call.ts';

const keys: Readonly<Record<number, string>> = {
  400: 'badRequest',
  403: 'forbidden',
  404: 'itemNotFound',
  405: 'badMethod',
  406: 'computeFault',
  409: 'conflictingRequest',
  503: 'serviceUnavailable',
};

/** An error in the words of Nova. */
export class NovaError extends Error {
  override readonly name = 'NovaError';
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export const badRequest = (message: string): NovaError => new NovaError(400, message);
export const notFound = (message: string): NovaError => new NovaError(404, message);
export const conflict = (message: string): NovaError => new NovaError(409, message);
export const forbidden = (rule: string): NovaError =>
  new NovaError(403, `Policy doesn't allow os_compute_api:${rule} to be performed.`);

export function novaErrorAnswer({ status, message }: NovaError): Answer {
  return {
    status,
    headers: { 'Content-Type': 'application/json; charset=UTF-8' },
    body: { [keys[status] ?? 'computeFault']: { code: status, message } },
  };
}
