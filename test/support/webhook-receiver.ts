import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedPost {
  readonly path: string;
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** `message_id` of the event in the body. */
  readonly messageId: string;
}

export interface WebhookReceiver {
  /** Without a slash at the end. */
  readonly url: string;
  readonly port: number;
  readonly posts: readonly ReceivedPost[];
  close(): Promise<void>;
}

/**
 * A receiver of alarms on a port of its own. `answer` is called when the whole request is read; it ends the response
 * when and how it likes. Without it the answer is 200.
 */
export async function startWebhookReceiver(
  answer: (post: ReceivedPost, response: ServerResponse) => void = (_post, response) => response.end(),
  port = 0,
): Promise<WebhookReceiver> {
  const posts: ReceivedPost[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const body = JSON.parse(text) as { reason_data: { event: { message_id: string } } };
      const post = {
        path: request.url ?? '',
        method: request.method ?? '',
        headers: request.headers,
        text,
        messageId: body.reason_data.event.message_id,
      };
      posts.push(post);
      answer(post, response);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    posts,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
