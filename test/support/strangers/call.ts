/** HTTP as Python's `requests` does it: a body of text with any method, no retries, no redirects followed for PUT. */
import { request } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly text: string;
}

export interface Call {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is; `undefined` sends no body, as `data=None`. */
  readonly data?: string;
}

export function call({ method, url, headers = {}, data }: Call): Promise<Answer> {
  return new Promise((resolve, reject) => {
    // A connection for each call: a kept one may be closed by the server at the moment at which it is used again.
    const options = { method, headers: lengthOf(headers, data), agent: false };
    const sent = request(url, options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.on('error', reject);
    sent.end(data);
  });
}

/** `requests` tells the length of a body also with GET, where Node.js does not. */
function lengthOf(headers: Call['headers'], data: string | undefined): Record<string, string> {
  return data === undefined
    ? { ...headers }
    : { ...headers, 'Content-Length': String(Buffer.byteLength(data)) };
}

/** The JSON of an answer. */
export function jsonOf({ text }: Answer): unknown {
  return JSON.parse(text);
}
