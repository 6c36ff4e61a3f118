import type { Answer, Call, Route } from '../wire/call.ts';
import type { LabCloud } from '../model/lab-cloud.ts';
import type { Host, Requester, Server } from '../model/types.ts';
import type { Token } from '../keystone/tokens.ts';
import { forbidden, notFound } from './nova-error.ts';

/** All that a handler of Nova needs to know of a call. */
export interface NovaContext {
  readonly call: Call;
  readonly cloud: LabCloud;
  readonly caller: Token;
  readonly admin: boolean;
  /** The project that the token is for. */
  readonly projectId: string;
  /** Microversion: 87 for 2.87. */
  readonly minor: number;
  readonly by: Requester;
  /** http://host:port/compute/v2.1 */
  readonly base: string;
}

export type NovaRoute = Route<NovaContext>;

export function ok(body: unknown): Answer {
  return { status: 200, body };
}

/** @throws NovaError 403 when the caller is no administrator */
export function requireAdmin(context: NovaContext, rule: string): void {
  if (!context.admin) throw forbidden(rule);
}

/** A server that the caller may see. @throws NovaError 404 */
export function visibleServer(context: NovaContext, id: string): Server {
  const server = context.cloud.servers.get(id);
  if (server === undefined || (!context.admin && server.projectId !== context.projectId)) {
    throw notFound(`Instance ${id} could not be found.`);
  }
  return server;
}

/** Says `since` for fields and behaviour that came with a microversion. */
export function since<Fields extends object>(
  context: NovaContext,
  minor: number,
  fields: Fields,
): Fields | object {
  return context.minor >= minor ? fields : {};
}

/** The id of a host's hypervisor: an integer before 2.53. */
export function hypervisorId(context: NovaContext, host: Host): string | number {
  return context.minor >= 53 ? host.uuid : host.number;
}

/** Nova's way to write a moment in most places. */
export function time(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, '.000000');
}

/** Nova's way to write a moment in a server's created, updated and fault. */
export function zuluTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** What a query parameter means as a boolean. */
export function flag(value: string | null): boolean {
  return value !== null && ['', '1', 'true', 't', 'yes', 'y', 'on'].includes(value.toLowerCase());
}

/** The address of a thing without the version in it, as bookmarks have. */
export function bookmark(context: NovaContext, path: string): string {
  return context.base.replace(/\/v2\.1$/, '') + path;
}
