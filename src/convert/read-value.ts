/** How the text of an option of Fenix becomes the text of ours. */

/** What a reader makes of a value: the text for our option, or why there is none. */
export type Reading =
  | { readonly value: string; readonly note?: string }
  /** A setting that needs no counterpart, or cannot have one. */
  | { readonly leftOut: string };

export type Reader = (text: string) => Reading;

export const asText: Reader = (value) => ({ value });

/** Our options count in whole units from `from` on. */
export function wholeNumber(from: 0 | 1): Reader {
  return (text) =>
    /^\d+$/.test(text) && Number(text) >= from
      ? { value: String(Number(text)) }
      : { leftOut: `it is not a whole number, ${from} or more` };
}

/**
 * Fenix asks three times and waits so long each time (facts 3.3, F19p); we ask once, since clients take a second
 * SCALE_IN for another order (facts 3.8).
 */
export const threeWaitsInOne: Reader = (text) => {
  const reading = wholeNumber(1)(text);
  if (!('value' in reading)) return reading;
  return {
    value: String(3 * Number(reading.value)),
    note: `Fenix asks three times and waits ${reading.value} s each; here it is asked once`,
  };
};

/** oslo.config's words for true and false. */
export const asFlag: Reader = (text) => {
  const word = text.toLowerCase();
  if (['true', '1', 'on', 'yes'].includes(word)) return { value: 'true' };
  return ['false', '0', 'off', 'no'].includes(word)
    ? { value: 'false' }
    : { leftOut: 'it is neither true nor false' };
};

/** Only names are taken here. The domain that every Keystone has is `default` by its id and `Default` by its name. */
export const domainById: Reader = (text) =>
  text === 'default'
    ? { value: 'Default' }
    : { leftOut: 'a domain is given by its name here; look it up: openstack domain show ID' };

/** Only RabbitMQ is spoken to. */
export const asTransportUrl: Reader = (text) => {
  // Old oslo.messaging knows the one driver by two names.
  const url = text.replace(/^kombu:/, 'rabbit:');
  return /^rabbit:\/\/[^/]+(\/.*)?$/.test(url)
    ? { value: url }
    : { leftOut: 'only rabbit:// is spoken here; notifications go by webhook unless you set one' };
};

/** `messaging` is the format 1.0, `messagingv2` 2.0 (facts 4.1). */
export const asFormat: Reader = (text) => {
  if (text === 'messaging') return { value: '1.0' };
  return text === 'messagingv2'
    ? { value: '2.0' }
    : { leftOut: 'neither messaging nor messagingv2: Fenix itself did not heed this option' };
};

/** We publish to one topic. */
export const firstTopic: Reader = (text) => {
  const [first = '', ...others] = text.split(',').map((topic) => topic.trim());
  return others.length === 0
    ? { value: first }
    : { value: first, note: `one topic is served; left out: ${others.join(', ')}` };
};

export const debugLevel: Reader = (text) => {
  const flag = asFlag(text);
  if (!('value' in flag)) return flag;
  return flag.value === 'true' ? { value: 'debug' } : { leftOut: 'this is the default here' };
};

/** keystonemiddleware caches tokens for so many seconds, -1 for not at all. */
export const cacheSeconds: Reader = (text) => (text === '-1' ? { value: '0' } : wholeNumber(0)(text));

/** keystonemiddleware's `password`, `v2password` and `v3password` are what we do. */
export const passwordOnly: Reader = (text) =>
  /^(v2|v3)?password$/.test(text)
    ? { leftOut: 'the account logs in by password, as always here' }
    : { leftOut: `${text} is not supported: give the service user a password` };
