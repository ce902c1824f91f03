import { type INestApplication } from '@nestjs/common';
import { describeModes } from '../modes/describe-modes.js';
import { ExecutorModes } from '../modes/executor-modes.js';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

const DESCRIPTION = `Jobs that run on a schedule or on request.

Times are RFC 3339; an unset time is "". Every answer that is not a success has the body of \`ErrorDto\`.`;

/** Describes every route of the application. */
export function describeApi(app: INestApplication, version: string): OpenAPIObject {
  const { declarations } = app.get(ExecutorModes, { strict: false });
  const builder = new DocumentBuilder()
    .setTitle('ECron')
    .setDescription(DESCRIPTION)
    .setVersion(version)
    .addBearerAuth()
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
  });
}
