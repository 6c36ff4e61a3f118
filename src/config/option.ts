/**
 * The kinds of options. Every option is read from text, in the file as in the environment, and carries what people
 * need to know of it: the documentation and the error messages are made from that.
 */
import { accessSync, constants } from 'node:fs';
import { isIP } from 'node:net';
import { z } from 'zod';
import { Secret, secretUrl } from './secret.ts';

export interface OptionFacts {
  /** What it is for. */
  readonly about: string;
  /** What it may be, in words that follow "must be". */
  readonly allowed: string;
  /** The default as one would write it; absent where there is none. */
  readonly byDefault?: string;
  /** A list: a sequence in the file, comma separated in the environment. */
  readonly isList?: true;
  /** Its value is never shown. */
  readonly isSecret?: true;
}

export const optionFacts = z.registry<OptionFacts>();

/** A whole number within a range; both ends are allowed. */
export function integer(
  { from, to = Number.MAX_SAFE_INTEGER }: { readonly from: number; readonly to?: number },
  byDefault: number,
  about: string,
) {
  const allowed =
    to === Number.MAX_SAFE_INTEGER
      ? `a whole number, ${from} or more`
      : `a whole number from ${from} to ${to}`;
  return z
    .string()
    .regex(/^-?\d+$/)
    .transform(Number)
    .pipe(z.int().min(from).max(to))
    .default(byDefault)
    .register(optionFacts, { about, allowed, byDefault: String(byDefault) });
}

/** A positive number, decimals allowed. */
export function ratio(byDefault: number, about: string) {
  return z
    .string()
    .regex(/^\d+(\.\d+)?$/)
    .transform(Number)
    .pipe(z.number().positive())
    .default(byDefault)
    .register(optionFacts, { about, allowed: 'a number above 0', byDefault: String(byDefault) });
}

/** One of several words. The mapping gives what each word is inside the program. */
export function choice<const M extends Readonly<Record<string, string>>>(
  mapping: M,
  byDefault: keyof M & string,
  about: string,
) {
  const words = Object.keys(mapping);
  return z
    .string()
    .refine((word): word is keyof M & string => words.includes(word))
    .transform((word): M[keyof M] => mapping[word])
    .prefault(byDefault)
    .register(optionFacts, { about, allowed: `one of ${words.join(', ')}`, byDefault });
}

export function flag(byDefault: boolean, about: string) {
  return z
    .string()
    .regex(/^(true|false)$/i)
    .transform((word) => word.toLowerCase() === 'true')
    .default(byDefault)
    .register(optionFacts, { about, allowed: 'true or false', byDefault: String(byDefault) });
}

export function text(byDefault: string, about: string) {
  return z.string().default(byDefault).register(optionFacts, { about, allowed: 'text', byDefault });
}

export function optionalText(about: string) {
  return z.string().exactOptional().register(optionFacts, { about, allowed: 'text' });
}

/** A password: held as a `Secret`. */
export function secret(about: string) {
  return z
    .string()
    .transform((value) => new Secret(value))
    .exactOptional()
    .register(optionFacts, { about, allowed: 'text', isSecret: true });
}

/** The path of a file or folder that can be read now. A relative one counts from the working directory. */
export function readablePath(what: 'file' | 'folder', about: string) {
  return z
    .string()
    .refine(isReadable)
    .exactOptional()
    .register(optionFacts, { about, allowed: `the path of a ${what} that this process can read` });
}

/** An http or https URL without user and password; a slash at its end is dropped. */
export function httpUrl(about: string) {
  return z
    .string()
    .refine(isPlainHttpUrl)
    .transform((url) => url.replace(/\/+$/, ''))
    .exactOptional()
    .register(optionFacts, { about, allowed: 'an http:// or https:// URL without user and password' });
}

const databaseUrlForm = /^(sqlite:(\/\/\/|(?!\/\/)).+|postgres(ql)?:\/\/.+)$/;

export function databaseUrl(byDefault: string, about: string) {
  return z
    .string()
    .regex(databaseUrlForm)
    .transform(secretUrl)
    .default(secretUrl(byDefault))
    .register(optionFacts, {
      about,
      allowed:
        'sqlite:///absolute/path.sqlite, sqlite:relative.sqlite, sqlite::memory: or postgresql://user:password@host:5432/database',
      byDefault,
      isSecret: true,
    });
}

/** Where oslo.messaging's RabbitMQ is, as OpenStack services write it. */
export function transportUrl(about: string) {
  return z
    .string()
    .regex(/^rabbit:\/\/[^/]+(\/.*)?$/)
    .transform(secretUrl)
    .exactOptional()
    .register(optionFacts, {
      about,
      allowed: 'rabbit://user:password@host:5672/virtual-host, more hosts separated by commas',
      isSecret: true,
    });
}

/** Host names (`*` and `?` stand for anything), addresses and networks. */
export function hostList(about: string) {
  return z.array(z.string().refine(isHostOrNetwork)).readonly().default([]).register(optionFacts, {
    about,
    allowed: 'a list of host names (*.example.org), addresses (10.0.0.7) and networks (10.0.0.0/8)',
    byDefault: '',
    isList: true,
  });
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

function isPlainHttpUrl(candidate: string): boolean {
  if (!URL.canParse(candidate)) return false;
  const { protocol, username, password } = new URL(candidate);
  return (protocol === 'http:' || protocol === 'https:') && username === '' && password === '';
}

function isHostOrNetwork(entry: string): boolean {
  const [address = '', bits] = entry.split('/');
  if (bits === undefined) return isIP(entry) !== 0 || /^[a-z0-9*?.[\]!_-]+$/i.test(entry);
  return /^\d{1,3}$/.test(bits) && isIP(address) !== 0 && Number(bits) <= (isIP(address) === 6 ? 128 : 32);
}
