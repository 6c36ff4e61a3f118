import { randomUUID } from 'node:crypto';
import type { LabConfig } from '../lab-config.ts';

export interface Project {
  readonly id: string;
  readonly name: string;
  readonly description: string;
}

export interface User {
  readonly id: string;
  readonly name: string;
  readonly password: string;
  /** The project on which it has its roles. */
  readonly projectId: string;
  readonly roles: readonly string[];
}

export interface Role {
  readonly id: string;
  readonly name: string;
}

/** The only domain of the lab. */
export const defaultDomain = { id: 'default', name: 'Default' } as const;

/** The roles that a role brings along, as a new Keystone has them. */
const implied: Readonly<Record<string, readonly string[]>> = { admin: ['member'], member: ['reader'] };

/** An id as Keystone makes them: 32 hexadecimal digits. */
export function newHexId(): string {
  return randomUUID().replaceAll('-', '');
}

/** Who there is: projects, users with their roles. */
export class Identity {
  readonly projects: readonly Project[];
  readonly users: readonly User[];
  readonly #roles = new Map<string, Role>();

  constructor(config: LabConfig) {
    this.projects = config.projects.map(({ name, description = '' }) => ({
      id: newHexId(),
      name,
      description,
    }));
    this.users = config.users.map((user) => ({
      id: newHexId(),
      name: user.name,
      password: user.password,
      projectId: this.project(user.project)?.id ?? '',
      roles: user.roles,
    }));
  }

  project(idOrName: string): Project | undefined {
    return this.projects.find((project) => project.id === idOrName || project.name === idOrName);
  }

  user(idOrName: string): User | undefined {
    return this.users.find((user) => user.id === idOrName || user.name === idOrName);
  }

  /** The roles of a user on a project, with those that they imply; empty when it has none. */
  rolesOn(user: User, projectId: string): readonly Role[] {
    if (user.projectId !== projectId) return [];
    const names = new Set<string>();
    const collect = (name: string): void => {
      names.add(name);
      (implied[name] ?? []).forEach(collect);
    };
    user.roles.forEach(collect);
    return [...names].map((name) => this.#role(name));
  }

  #role(name: string): Role {
    const known = this.#roles.get(name);
    if (known !== undefined) return known;
    const role = { id: newHexId(), name };
    this.#roles.set(name, role);
    return role;
  }
}
