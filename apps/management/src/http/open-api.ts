import { OAUTH2_SCHEME, PERMISSIONS } from '@ecron/auth';
import { CONFIG, type Config, publicTokenServerUrl } from '@ecron/config';
import { type INestApplication } from '@nestjs/common';
import { describeModes } from '../modes/describe-modes.js';
import { ExecutorModes } from '../modes/executor-modes.js';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { SignInGate } from '../sign-in/sign-in.gate.js';
import { API_PREFIX } from './api-prefix.js';
import { addCsrfToken } from './swagger-session.js';

const DESCRIPTION = `Jobs that run on a schedule or on request.

Times are RFC 3339; an unset time is "". Every answer that is not a success has the body of \`ErrorDto\`.

A token without any scope of ours may do everything in its own tenant, unless the deployment requires scopes.`;

const SIGN_IN = `

**[Sign in](${API_PREFIX}/auth/login?return_to=/docs)** to try calls with a session; without one, authorize with a token.`;

/** Describes every route of the application. */
export function describeApi(app: INestApplication, version: string): OpenAPIObject {
  const { declarations } = app.get(ExecutorModes, { strict: false });
  const tokenUrl = `${publicTokenServerUrl(app.get<unknown, Config>(CONFIG, { strict: false }))}/oauth2/token`;
  const builder = new DocumentBuilder()
    .setTitle('ECron')
    .setDescription(DESCRIPTION + (hasSignIn(app) ? SIGN_IN : ''))
    .setVersion(version)
    .addBearerAuth()
    .addOAuth2(
      { type: 'oauth2', flows: { clientCredentials: { tokenUrl, scopes: { ...PERMISSIONS } } } },
      OAUTH2_SCHEME,
    )
    .build();
  const document = SwaggerModule.createDocument(app, builder, {
    extraModels: declarations.flatMap(({ options }) => options ?? []),
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}_${method}`,
  });
  describeModes(document, declarations);
  return document;
}

/** Serves the description at `/openapi.json`, and at `/docs` a page to try it out. Both need no token. */
export function serveApiDocs(app: INestApplication, version: string): void {
  SwaggerModule.setup('docs', app, () => describeApi(app, version), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'ECron',
    ...(hasSignIn(app) ? { swaggerOptions: { requestInterceptor: addCsrfToken } } : {}),
  });
}

function hasSignIn(app: INestApplication): boolean {
  return app.get(SignInGate, { strict: false }).isOpen;
}
