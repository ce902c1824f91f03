import { type AuthenticatedRequest, type Principal } from './principal.js';

/** What lets a caller in without a token, at the handlers whose `@Requires` names it. */
export abstract class CallerProof {
  /** Null: the request holds no proof, or a wrong one; a token is asked for then. */
  abstract prove(request: AuthenticatedRequest): Principal | null;
}
