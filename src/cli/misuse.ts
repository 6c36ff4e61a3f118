/** The command was called in a way that makes no sense; the message says what to change. */
export class Misuse extends Error {
  override readonly name = 'Misuse';
}
