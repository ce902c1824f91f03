import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AuthGuard } from './auth.guard.js';
import { Authenticator, OpenAuthenticator, TokenAuthenticator } from './authenticator.js';
import { CachingIntrospector } from './caching-introspector.js';
import { HydraIntrospector } from './hydra-introspector.js';
import { type PermissionPolicy } from './permissions.js';
import { SessionReader } from './session-reader.js';
import { TokenIntrospector } from './token-introspector.js';
import { TokenVerifier } from './token-verifier.js';

export interface TokenServerOptions extends PermissionPolicy {
  /** Base URL of the token server's admin API, without a trailing slash. */
  url: string;
  /** Path into an introspection answer where further scopes stand, `ext.permissions` say; null: none. */
  scopeClaim: string | null;
  /** How long an active token is believed in, in milliseconds. */
  cacheMs: number;
}

/** Puts `AuthGuard` before every route of the application. */
@Module({})
export class AuthModule {
  /** @param sessions providers of a `SessionReader`; they may ask for `TokenVerifier`. */
  static withTokenServer(options: TokenServerOptions, sessions: Provider[] = []): DynamicModule {
    return guarded(
      [
        { provide: HydraIntrospector, useFactory: () => new HydraIntrospector(options) },
        {
          provide: TokenIntrospector,
          useFactory: (hydra: HydraIntrospector) =>
            new CachingIntrospector(hydra, { activeMs: options.cacheMs }),
          inject: [HydraIntrospector],
        },
        {
          provide: TokenVerifier,
          useFactory: (introspector: TokenIntrospector) => new TokenVerifier(introspector, options),
          inject: [TokenIntrospector],
        },
        {
          provide: Authenticator,
          useFactory: (verifier: TokenVerifier, reader?: SessionReader) =>
            new TokenAuthenticator(verifier, reader ?? null),
          inject: [TokenVerifier, { token: SessionReader, optional: true }],
        },
        ...sessions,
      ],
      [TokenVerifier],
    );
  }

  /** Everyone is admin. */
  static open(): DynamicModule {
    return guarded([{ provide: Authenticator, useClass: OpenAuthenticator }], []);
  }
}

function guarded(providers: Provider[], exported: (typeof TokenVerifier)[]): DynamicModule {
  return {
    module: AuthModule,
    providers: [...providers, { provide: APP_GUARD, useClass: AuthGuard }],
    exports: [Authenticator, ...exported],
  };
}
