import { ACCESS } from '@ecron/auth';
import { MetadataScanner, ModulesContainer, NestFactory } from '@nestjs/core';
import { SecuredApp } from './secured-app.js';

jest.setTimeout(60_000);

interface Handler {
  name: string;
  access: unknown;
}

/** Every method of a controller that serves HTTP, in each module of the application. */
function handlersOf(modules: ModulesContainer): Handler[] {
  const controllers = [...modules.values()].flatMap((module) => [...module.controllers.values()]);
  return controllers.flatMap(({ metatype }) => {
    const { name, prototype } = metatype as { name: string; prototype: Record<string, object> };
    const methods = new MetadataScanner().getAllMethodNames(prototype);
    const served = methods.filter((method) => Reflect.hasMetadata('method', prototype[method] ?? {}));
    return served.map((method) => ({
      name: `${name}.${method}`,
      access: Reflect.getMetadata(ACCESS, prototype[method] ?? {}) as unknown,
    }));
  });
}

describe('each handler of the API', () => {
  it('says who may call it', async () => {
    const create = jest.spyOn(NestFactory, 'create');
    const app = await SecuredApp.start();
    try {
      const nest = (await create.mock.results[0]?.value) as { get(token: unknown): ModulesContainer };
      const handlers = handlersOf(nest.get(ModulesContainer));
      expect(handlers.length).toBeGreaterThan(20);
      expect(handlers.filter(({ access }) => access === undefined).map(({ name }) => name)).toEqual([]);
    } finally {
      create.mockRestore();
      await app.stop();
    }
  });
});

describe('the description of the API', () => {
  it('says of each call which permission it needs', async () => {
    const app = await SecuredApp.start();
    try {
      const { json } = await app.api.at<OpenApi>('GET', '/openapi.json');
      const operations = Object.values(json.paths).flatMap((path) => Object.values(path));
      const needs = operations.map(({ operationId, security }) => [operationId, security]);
      expect(Object.fromEntries(needs)).toMatchObject({
        Job_create: [{ bearer: [] }, { oauth2: ['ecron.job.write'] }],
        Execution_cancel: [{ bearer: [] }, { oauth2: ['ecron.job.execute'] }],
        Node_list: [{ bearer: [] }, { oauth2: ['ecron.admin'] }],
      });
      const scopes = json.components.securitySchemes.oauth2.flows.clientCredentials.scopes;
      const named = operations.flatMap(({ security = [] }) => security.flatMap(({ oauth2 = [] }) => oauth2));
      expect(Object.keys(scopes)).toEqual(expect.arrayContaining([...new Set(named)]));
    } finally {
      await app.stop();
    }
  });
});

interface OpenApi {
  paths: Record<string, Record<string, { operationId: string; security?: { oauth2?: string[] }[] }>>;
  components: {
    securitySchemes: { oauth2: { flows: { clientCredentials: { scopes: Record<string, string> } } } };
  };
}
