import { type Permission } from '@ecron/auth';
import { type FakeTokenServer, type TokenAnswer } from '@ecron/testing';

/** One column of the matrix. */
export interface MatrixCaller {
  /** Null: no `Authorization` header. */
  token: string | null;
  /** What the token server says of it; null: it does not know it. */
  answer: TokenAnswer | null;
  tenant: 'a' | 'b' | 'ops' | null;
  permissions: readonly Permission[];
}

const OWN: readonly Permission[] = [
  'ecron.job.read',
  'ecron.job.write',
  'ecron.job.execute',
  'ecron.audit.read',
];
const HOUR_S = 3600;
const nowS = Math.floor(Date.now() / 1000);

const NOBODY = { tenant: null, permissions: [] };

export const CALLERS = {
  'no token': { token: null, answer: null, ...NOBODY },
  garbage: { token: 'gar%bage&token=x', answer: null, ...NOBODY },
  expired: {
    token: 'expired',
    answer: { active: false, client_id: 'tenant-a', exp: nowS - HOUR_S },
    ...NOBODY,
  },
  'tenant A': { token: 'a', answer: active('tenant-a'), tenant: 'a', permissions: OWN },
  'tenant B': { token: 'b', answer: active('tenant-b'), tenant: 'b', permissions: OWN },
  'read-only': limited('ecron.job.read'),
  'write-only': limited('ecron.job.write'),
  'execute-only': limited('ecron.job.execute'),
  'audit-only': limited('ecron.audit.read'),
  admin: {
    token: 'admin',
    answer: active('operations', 'ecron.admin'),
    tenant: 'ops',
    permissions: [...OWN, 'ecron.admin'],
  },
} as const satisfies Record<string, MatrixCaller>;

export type CallerName = keyof typeof CALLERS;
export const CALLER_NAMES = Object.keys(CALLERS) as CallerName[];

export function introduce(server: FakeTokenServer): void {
  for (const { token, answer } of Object.values<MatrixCaller>(CALLERS)) {
    if (token !== null && answer !== null) server.knows(token, answer);
  }
}

function active(client_id: string, scope = 'all'): TokenAnswer {
  return { active: true, client_id, sub: `user-of-${client_id}`, scope, exp: nowS + HOUR_S };
}

/** Of tenant A, with one permission. */
function limited<P extends Permission>(permission: P) {
  const answer = active('tenant-a', permission);
  return {
    token: `a ${permission}`.replace(' ', '-'),
    answer,
    tenant: 'a',
    permissions: [permission],
  } as const;
}
