/** Keeps secrets out of log lines: by the name of a field, and by the look of a text. */

const redacted = '[redacted]';

/**
 * Names of fields whose value is a secret, in whatever way they are written (`X-Auth-Token`, `x_auth_token`,
 * `authToken`): compared in lower case, without separators. `token` only at the end, so that `token_cache_seconds`
 * stays readable.
 */
const secretName =
  /^(.*password|passwd|.*secret|.*secret(value|key)|.*token|authorization|.*cookie|.*privatekey)$/;

const isSecretName = (name: string): boolean => secretName.test(name.toLowerCase().replace(/[^a-z0-9]/g, ''));

/** Secrets that a text may hold, with what takes their place. */
const textRules: readonly (readonly [RegExp, string])[] = [
  // User and password of a URL, also of one with several hosts (rabbit://a:b@h1,c:d@h2/).
  [/(:\/\/)[^\s"<>]*@/g, `$1${redacted}@`],
  // Keystone's Fernet and JWS tokens.
  [/\bgAAAA[\w-]{16,}=*/g, redacted],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]+/g, redacted],
  // A header in a dump of a request or response.
  [
    /\b((?:x-(?:auth|subject|service)-token|authorization|(?:set-)?cookie)["']?\s*[:=,]\s*)(?:\[[^\]]*\]|"[^"]*"|'[^']*'|[^\r\n]+)/gi,
    `$1"${redacted}"`,
  ],
  // A field of a JSON or Python text, or a parameter of a URL or connection string.
  [
    /((["'])[\w-]*(?:password|passwd|secret|token)\2\s*:\s*)("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')/gi,
    `$1"${redacted}"`,
  ],
  [/\b((?:password|passwd|secret|token)=)[^\s&;"']+/gi, `$1${redacted}`],
];

/** Most lines hold nothing that could be a secret; they are not looked into. */
const suspicious = /passw|secret|token|authorization|cookie|private.?key|:\/\/|gAAAA|eyJ/i;

/** A finished log line (JSON, with its line end) without secrets. */
export function redactLine(line: string): string {
  if (!suspicious.test(line)) return line;
  return `${JSON.stringify(redactValue(JSON.parse(line)))}\n`;
}

function redactValue(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value);
  if (Array.isArray(value)) return redactList(value);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name,
      isSecretName(name) ? hide(field) : redactValue(field),
    ]),
  );
}

/** Headers also come as a flat list or in pairs: name, value, name, value. */
function redactList(list: readonly unknown[]): readonly unknown[] {
  return list.map((entry, index) => {
    const before = list[index - 1];
    const isNamed =
      typeof before === 'string' && /token|authorization|cookie/i.test(before) && isSecretName(before);
    return isNamed ? hide(entry) : redactValue(entry);
  });
}

/** Whether something is set at all may be seen. */
function hide(value: unknown): unknown {
  return value === null || value === '' || typeof value === 'boolean' ? value : redacted;
}

function redactText(text: string): string {
  return textRules.reduce((result, [pattern, replacement]) => result.replace(pattern, replacement), text);
}
