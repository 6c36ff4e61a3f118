import { errorCatalogue, type ErrorCode } from './error-catalogue.ts';

export interface ApiErrorOptions extends ErrorOptions {
  /** JSON pointer to the place in the body that is wrong. */
  readonly pointer?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An error that a caller can do something about. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: ErrorCode;
  readonly pointer: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  /** `message` says what is wrong here and what to do. */
  constructor(code: ErrorCode, message: string, { pointer, headers = {}, ...options }: ApiErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.pointer = pointer;
    this.headers = headers;
  }

  get status(): number {
    return errorCatalogue[this.code].status;
  }

  /** The body of the answer. */
  toBody(): { error: string; message: string; code: ErrorCode; pointer?: string } {
    return {
      error: errorCatalogue[this.code].text,
      message: this.message,
      code: this.code,
      ...(this.pointer !== undefined && { pointer: this.pointer }),
    };
  }
}
