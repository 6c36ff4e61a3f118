/** The one place that knows how the drivers report a broken rule of the schema. */

/** A row that exists already, or one that refers to a row that does not. `cause` is the driver's error. */
export class ConstraintViolation extends Error {
  override readonly name = 'ConstraintViolation';
  readonly rule: 'unique' | 'foreign_key';
  constructor(rule: 'unique' | 'foreign_key', options: ErrorOptions) {
    super(
      rule === 'unique' ? 'such a row exists already' : 'the row refers to one that does not exist',
      options,
    );
    this.rule = rule;
  }
}

/**
 * A driver's error as `ConstraintViolation` where it is one; any other error as it came. sqlite3 has one code for all
 * constraints and tells them apart in the message only; PostgreSQL has SQLSTATE 23505 and 23503.
 */
export function translateDriverError(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  if (error.code === '23505') return new ConstraintViolation('unique', { cause: error });
  if (error.code === '23503') return new ConstraintViolation('foreign_key', { cause: error });
  if (error.code !== 'SQLITE_CONSTRAINT') return error;
  if (error.message.includes('UNIQUE constraint failed')) {
    return new ConstraintViolation('unique', { cause: error });
  }
  if (error.message.includes('FOREIGN KEY constraint failed')) {
    return new ConstraintViolation('foreign_key', { cause: error });
  }
  return error;
}
