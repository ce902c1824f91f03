import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AuthGuard } from './auth.guard.js';
import { Authenticator, OpenAuthenticator, TokenAuthenticator } from './authenticator.js';
import { HydraIntrospector } from './hydra-introspector.js';
import { TokenIntrospector } from './token-introspector.js';

/** Puts `AuthGuard` before every route of the application. */
@Module({})
export class AuthModule {
  /** @param url base URL of the token server's admin API. */
  static withTokenServer(url: string): DynamicModule {
    return guarded([
      { provide: TokenIntrospector, useFactory: () => new HydraIntrospector({ url }) },
      {
        provide: Authenticator,
        useFactory: (introspector: TokenIntrospector) => new TokenAuthenticator(introspector),
        inject: [TokenIntrospector],
      },
    ]);
  }

  /** Everyone is admin. */
  static open(): DynamicModule {
    return guarded([{ provide: Authenticator, useClass: OpenAuthenticator }]);
  }
}

function guarded(providers: Provider[]): DynamicModule {
  return {
    module: AuthModule,
    providers: [...providers, { provide: APP_GUARD, useClass: AuthGuard }],
    exports: [Authenticator],
  };
}
