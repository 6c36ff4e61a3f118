/**
 * Remembers which notifications came already. The server sends each at least once and repeats it, with the same
 * `message_id`, where it cannot know that it arrived; who acts on notifications drops the repeats with this.
 */
export class SeenMessages {
  readonly #limit: number;
  readonly #ids = new Set<string>();

  /** @param limit how many ids are kept; the oldest is forgotten first. A session of 100 hosts sends about 1 000. */
  constructor(limit = 10_000) {
    this.#limit = limit;
  }

  /** Is this the first time that the id is seen? Remembers it. */
  isNew(messageId: string): boolean {
    if (this.#ids.has(messageId)) return false;
    this.#ids.add(messageId);
    for (const oldest of this.#ids) {
      if (this.#ids.size <= this.#limit) break;
      this.#ids.delete(oldest);
    }
    return true;
  }
}
