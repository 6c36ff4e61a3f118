/** How Doctor's programs decode an alarm (facts 4.5): all the same code. */
import { parse } from 'yaml';
import type { AlarmBody } from './alarm-target.ts';

export type DoctorPayload = Readonly<Record<string, unknown>>;

/** Text with a bracket or a brace anywhere is YAML once the `u` before quotes is gone; a failure raises. */
export function decodeTraits(body: AlarmBody): DoctorPayload {
  return Object.fromEntries(
    body.reason_data.event.traits.map(([name, , value]) => [name, decode(String(value))]),
  );
}

function decode(text: string): unknown {
  if (!text.includes('[') && !text.includes('{')) return text;
  return parse(text.replaceAll("u'", "'"), { version: '1.1' });
}
