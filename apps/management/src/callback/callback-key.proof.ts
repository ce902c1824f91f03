import { ALL_PERMISSIONS, type AuthenticatedRequest, CallerProof, type Principal } from '@ecron/auth';
import { Inject, Injectable } from '@nestjs/common';
import { first, type RawQuery } from '../http/query.js';
import { CALLBACK_KEYS, type CallbackKeys } from './callback-keys.js';

/**
 * Whoever holds the key of an execution, whatever its tenant. The handler that asks for it reaches no other execution
 * than that of the path.
 */
const KEY_HOLDER: Principal = {
  userId: '',
  clientId: '',
  isAdmin: true,
  permissions: ALL_PERMISSIONS,
};

/** `?key=` of a callback's address. */
@Injectable()
export class CallbackKeyProof extends CallerProof {
  constructor(@Inject(CALLBACK_KEYS) private readonly keys: CallbackKeys | null) {
    super();
  }

  prove({ params, query }: AuthenticatedRequest): Principal | null {
    const key = first(query as RawQuery, 'key');
    if (key === undefined || this.keys === null) return null;
    return this.keys.fits((params as { execute_id: string }).execute_id, key) ? KEY_HOLDER : null;
  }
}
