import { BrowserSessionReader, SessionReader, SignIn, TokenVerifier } from '@ecron/auth';
import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { type SignInSetup } from './sign-in-setup.js';
import { SignInGate } from './sign-in.gate.js';

/** Provides the `SignInGate`, and what `auth` exports. */
@Module({})
export class SignInModule {
  static for(setup: SignInSetup | null, auth: DynamicModule): DynamicModule {
    return {
      module: SignInModule,
      imports: [auth],
      providers:
        setup === null
          ? [{ provide: SignInGate, useValue: new SignInGate(null) }]
          : [
              {
                provide: SignIn,
                useFactory: (verifier: TokenVerifier) => new SignIn(setup.settings, verifier),
                inject: [TokenVerifier],
              },
              {
                provide: SignInGate,
                useFactory: (signIn: SignIn) => new SignInGate(signIn),
                inject: [SignIn],
              },
            ],
      exports: [SignInGate, auth],
    };
  }
}

/** What makes the guard believe in sessions; none where nobody signs in. */
export function sessionProviders(setup: SignInSetup | null): Provider[] {
  if (setup === null) return [];
  const { origin } = new URL(setup.settings.redirectUrl);
  return [
    {
      provide: SessionReader,
      useFactory: (verifier: TokenVerifier) => new BrowserSessionReader(origin, verifier),
      inject: [TokenVerifier],
    },
  ];
}
