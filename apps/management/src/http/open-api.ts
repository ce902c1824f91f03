import { type INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

const DESCRIPTION = `Jobs that run on a schedule or on request.

Times are RFC 3339; an unset time is "". Every answer that is not a success has the body of \`ErrorDto\`.`;

/** Describes every route of the application. */
export function describeApi(app: INestApplication, version: string): OpenAPIObject {
  const document = new DocumentBuilder()
    .setTitle('ECron')
    .setDescription(DESCRIPTION)
    .setVersion(version)
    .addBearerAuth()
    .build();
  return SwaggerModule.createDocument(app, document, {
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}_${method}`,
  });
}

/** Serves the description at `/openapi.json`, and at `/docs` a page to try it out. Both need no token. */
export function serveApiDocs(app: INestApplication, version: string): void {
  SwaggerModule.setup('docs', app, () => describeApi(app, version), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'ECron',
  });
}
