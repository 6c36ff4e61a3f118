/** A request that got no answer. The message names method and URL, never headers: they carry tokens. */
export abstract class HttpFailure extends Error {
  /** Could the other side have received the request? */
  abstract readonly sent: boolean;
}

/** The request never left: no connection, no TLS, no token, no address. The other side knows nothing of it. */
export class RequestNotSent extends HttpFailure {
  override readonly name = 'RequestNotSent';
  readonly sent = false;
}

/** The request left and no whole answer came: it may have been carried out. */
export class AnswerLost extends HttpFailure {
  override readonly name = 'AnswerLost';
  readonly sent = true;
}
