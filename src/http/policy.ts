/** Who may do what (facts 1.3): sessions are for admins; what concerns a project is for its members and admins. */
import type { RequestHandler } from 'express';
import type { Identity } from '../engine/ports.ts';
import { ApiError } from './api-error.ts';
import type { Operation } from './contract.ts';
import type { OperationId } from './handler.ts';

/**
 * - `admin`: needs the role admin.
 * - `project_in_path`: the project of the path, or the role admin.
 * - `in_handler`: depends on what is stored or sent; the handler asks `requireProject`.
 * - `open`: nothing.
 */
type Rule = 'open' | 'admin' | 'project_in_path' | 'in_handler';

const rules: Readonly<Record<OperationId, Rule>> = {
  getVersions: 'open',
  getVersion: 'open',
  getHealth: 'open',
  listSessions: 'admin',
  createSession: 'admin',
  getSession: 'admin',
  continueSession: 'admin',
  deleteSession: 'admin',
  getSessionDetail: 'admin',
  getProjectInstances: 'project_in_path',
  replyForProject: 'project_in_path',
  replyForInstance: 'project_in_path',
  getInstanceConstraint: 'in_handler',
  putInstanceConstraint: 'in_handler',
  deleteInstanceConstraint: 'in_handler',
  getInstanceGroupConstraint: 'in_handler',
  putInstanceGroupConstraint: 'in_handler',
  deleteInstanceGroupConstraint: 'in_handler',
  listAlarms: 'in_handler',
  createAlarm: 'in_handler',
  getAlarm: 'in_handler',
  updateAlarm: 'in_handler',
  deleteAlarm: 'in_handler',
  getAlarmState: 'in_handler',
  setAlarmState: 'in_handler',
  queryAlarms: 'in_handler',
};

export function isAdmin({ roles }: Identity): boolean {
  return roles.includes('admin');
}

/** Refuses, before the body is read, whatever the path and the token alone decide. */
export const checkRights: RequestHandler = function checkRightsOfRequest(request, response, next) {
  const { operation, identity } = response.locals as { operation: Operation; identity: Identity };
  const rule = rules[operation.id];
  if (rule === 'admin' && !isAdmin(identity)) {
    throw new ApiError('forbidden', 'It needs the role admin.');
  }
  if (rule === 'project_in_path') requireProject(identity, request.path.split('/')[4] ?? '');
  next();
};

/** @throws ApiError 403 unless the caller's token is for this project, or an admin's. */
export function requireProject(identity: Identity, projectId: string): void {
  if (isAdmin(identity) || identity.projectId === projectId) return;
  throw new ApiError('forbidden', `It needs a token for project ${projectId}, or the role admin.`);
}
