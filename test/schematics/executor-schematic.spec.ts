import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { declarationsOf, type Executor } from '@ecron/execution';
import { Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import * as prettier from 'prettier';
import { describeModes, withModeList } from '../../apps/management/src/modes/describe-modes.js';
import { attemptWith, contextWith } from '../../libs/execution/test/attempts.js';

const run = promisify(execFile);
const REPOSITORY = resolve(__dirname, '../..');
const EXECUTORS = 'libs/execution/src/executors';
const NEST = join(REPOSITORY, 'node_modules/@nestjs/cli/bin/nest.js');
const LIMIT_MS = 60_000;

@Module({})
class EmptyModule {}

/** As much of a clone as the generator and what it writes need; what nobody changes is linked. */
function makeClone(): string {
  const clone = mkdtempSync(join(tmpdir(), 'ecron-schematic-'));
  const copy = (path: string) => cpSync(join(REPOSITORY, path), join(clone, path), { recursive: true });
  const link = (path: string) => symlinkSync(join(REPOSITORY, path), join(clone, path));
  mkdirSync(join(clone, EXECUTORS), { recursive: true });
  for (const path of ['docs', `${EXECUTORS}/index.ts`, '.prettierrc.json', 'nest-cli.json']) copy(path);
  for (const path of ['node_modules', 'libs/execution/test', 'libs/execution/src/executor']) link(path);
  const folders = readdirSync(join(REPOSITORY, EXECUTORS), { withFileTypes: true });
  for (const { name } of folders.filter((entry) => entry.isDirectory())) link(`${EXECUTORS}/${name}`);
  return clone;
}

describe('nest g -c @ecron/schematics executor', () => {
  let clone: string;
  const generate = (name: string) =>
    run(
      process.execPath,
      [NEST, 'g', '-c', '@ecron/schematics', 'executor', name, '--project', 'execution'],
      {
        cwd: clone,
      },
    );
  const read = (path: string) => readFileSync(join(clone, path), 'utf8');
  const readApi = () => JSON.parse(read('docs/openapi.json')) as OpenAPIObject;
  const listed = () =>
    jest.requireActual<{ EXECUTORS: Type<Executor>[] }>(join(clone, EXECUTORS, 'index.ts')).EXECUTORS;

  beforeAll(async () => {
    clone = makeClone();
    await generate('tried');
    await generate('tried-at-length');
  }, LIMIT_MS);
  afterAll(() => rmSync(clone, { recursive: true }));

  it.each(['tried', 'tried-at-length'])('writes code, options, test and page of %s', (mode) => {
    expect(readdirSync(join(clone, EXECUTORS, mode)).sort()).toEqual([
      `${mode}-options.dto.ts`,
      `${mode}.executor.spec.ts`,
      `${mode}.executor.ts`,
    ]);
    expect(read(`docs/executors/${mode}.md`)).toContain(`# Mode \`${mode}\``);
  });

  it('leaves everything formatted', async () => {
    const folders = ['tried', 'tried-at-length'].map((mode) => `${EXECUTORS}/${mode}`);
    const files = folders.flatMap((folder) =>
      readdirSync(join(clone, folder)).map((file) => join(folder, file)),
    );
    const pages = ['docs/executors.md', 'docs/executors/tried.md', `${EXECUTORS}/index.ts`];
    for (const path of [...files, ...pages]) {
      const filepath = join(clone, path);
      const options = { ...(await prettier.resolveConfig(filepath)), filepath };
      expect([path, await prettier.check(read(path), options)]).toEqual([path, true]);
    }
  });

  it('puts the executors on the list, where they do their work', async () => {
    const [Tried] = listed().slice(-2);
    const attempt = attemptWith(contextWith('tried', 'something', { tried: { note: 'good morning' } }));
    expect(listed().slice(-2).flatMap(declarationsOf)).toMatchObject([
      { mode: 'tried', executor: 'TriedExecutor' },
      { mode: 'tried-at-length', executor: 'TriedAtLengthExecutor' },
    ]);
    const tried = new (Tried as Type<Executor>)();
    expect(await tried.run(attempt, new AbortController().signal)).toMatchObject({ kind: 'succeeded' });
    expect(tried.check?.(contextWith('tried', ''))).toMatchObject({ path: 'job_context.exec' });
  });

  it('describes them as the generator of the documents would', async () => {
    const added = listed().slice(-2).flatMap(declarationsOf);
    const app = await NestFactory.create(EmptyModule, new FastifyAdapter(), { logger: false });
    const models = added.flatMap(({ options }) => options ?? []);
    const { components } = SwaggerModule.createDocument(app, new DocumentBuilder().build(), {
      extraModels: models,
    });
    await app.close();
    const expected = readApi();
    for (const { name } of models) delete expected.components?.schemas?.[name];
    Object.assign(expected.components?.schemas ?? {}, components?.schemas);
    const modes = listed().flatMap(declarationsOf);
    describeModes(
      expected,
      modes.filter(({ mode }) => !mode.includes('+')),
    );
    expect(JSON.stringify(readApi(), null, 2)).toBe(JSON.stringify(expected, null, 2));
  });

  it('adds to the list in the documentation what belongs there', () => {
    const page = read('docs/executors.md');
    const modes = listed()
      .flatMap(declarationsOf)
      .filter(({ mode }) => !mode.includes('+'));
    expect(withModeList(page, modes)).toBe(page);
  });

  it.each([
    ['a mode that there is', 'https'],
    ['a member of info', 'body'],
    ['too long a name', 'seventeen-letters'],
  ])(
    'refuses %s and changes nothing',
    async (_, name) => {
      const before = read(`${EXECUTORS}/index.ts`);
      const { stderr } = await generate(name).catch((error: { stderr: string }) => error);
      expect(stderr).toMatch(/there is an executor|is no mode|means something else/);
      expect(read(`${EXECUTORS}/index.ts`)).toBe(before);
    },
    LIMIT_MS,
  );
});
