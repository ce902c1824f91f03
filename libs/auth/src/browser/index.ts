export {
  BrowserSessionReader,
  CSRF_HEADER,
  refuseForeign,
  sessionOf,
  type SessionRequest,
} from './browser-session.reader.js';
export { type Ticket } from './code-flow.js';
export { returnPath } from './return-path.js';
export { type SessionKeys, sessionKeys } from './session-keys.js';
export { ForeignRequestError, SignInError, type SignInRefusal } from './sign-in-errors.js';
export { type SignInSettings } from './sign-in-settings.js';
export { type BrowserSession, MAX_SESSION_S, SignIn } from './sign-in.js';
