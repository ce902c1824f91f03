import { readFileSync } from 'node:fs';
import { sessionKeys, type SignInSettings } from '@ecron/auth';
import { type Config, isAuthEnabled, type ProcessRole, publicTokenServerUrl } from '@ecron/config';
import { sessionSecret } from '@ecron/persistence';
import { OperatorError, type Platform } from '@ecron/platform';
import { type SessionCookies } from '../http/session-cookies.js';

/** How browsers sign in here. */
export interface SignInSetup {
  settings: SignInSettings;
  cookies: SessionCookies;
}

/**
 * What the configuration says of it; null: nobody signs in with a browser.
 * @throws OperatorError where the file of the secret cannot be used
 */
export async function signInSetup(
  { config, database, sealer }: Pick<Platform, 'config' | 'database' | 'sealer'>,
  role: ProcessRole,
): Promise<SignInSetup | null> {
  const settings = settingsOf(config, role);
  if (settings === null) return null;
  const keys = sessionKeys(config.sessionKey ?? [await sessionSecret(database, sealer)]);
  return { settings, cookies: { keys, isHttps: settings.redirectUrl.startsWith('https:') } };
}

function settingsOf(config: Config, role: ProcessRole): SignInSettings | null {
  const { oauthClientId, oauthRedirectUrl, oauthClientAuth, oauthScope } = config;
  if (!isAuthEnabled(config, role) || oauthClientId === null || oauthRedirectUrl === null) return null;
  return {
    publicUrl: publicTokenServerUrl(config),
    clientId: oauthClientId,
    clientSecret: secretOf(config),
    clientAuth: oauthClientAuth,
    redirectUrl: oauthRedirectUrl,
    scope: oauthScope,
  };
}

function secretOf({ oauthClientSecret, oauthClientSecretFile }: Config): string | null {
  if (oauthClientSecretFile === null) return oauthClientSecret;
  const secret = readOrNull(oauthClientSecretFile)?.trim() ?? '';
  if (secret !== '') return secret;
  throw new OperatorError(
    'the configuration cannot be used: oauth_client_secret_file cannot be read, or is empty',
  );
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
