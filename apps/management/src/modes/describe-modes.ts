import { modeDefaults } from '@ecron/domain';
import { type ModeDeclaration, modeDefaultsOf } from '@ecron/execution';
import { type OpenAPIObject } from '@nestjs/swagger';

type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;

/** Writes into the API's description which modes there are and where their options go. */
export function describeModes(document: OpenAPIObject, declarations: readonly ModeDeclaration[]): void {
  const schemas = document.components?.schemas ?? {};
  const mode = propertiesOf(schemas, 'JobContextDto')['mode'];
  Object.assign(mode ?? {}, { enum: declarations.map((declaration) => declaration.mode) });
  for (const declaration of declarations) describeOptions(schemas, declaration);
}

/** In the order of the executors, behind all other shapes: what is added is added at the end. */
function describeOptions(schemas: Schemas, { mode, options }: ModeDeclaration): void {
  const schema = schemas[options?.name ?? ''];
  if (options === undefined || schema === undefined) return;
  delete schemas[options.name];
  schemas[options.name] = schema;
  propertiesOf(schemas, 'JobInfoDto')[mode] = {
    nullable: true,
    description: `Mode ${mode}: its options`,
    allOf: [{ $ref: `#/components/schemas/${options.name}` }],
  };
}

function propertiesOf(schemas: Schemas, name: string): Schemas {
  const schema = schemas[name];
  return schema !== undefined && 'properties' in schema ? (schema.properties ?? {}) : {};
}

const BEGIN = '<!-- the modes: written by `npm run generate` -->';
const END = '<!-- the end of the modes -->';

/** A page of the documentation with its list of modes written anew. */
export function withModeList(page: string, declarations: readonly ModeDeclaration[]): string {
  const modes = modeDefaultsOf(declarations);
  const lines = declarations.map((declaration) => `${lineOf(declaration, modes)}\n`);
  const [before, after] = [page.split(BEGIN)[0], page.split(END)[1]];
  return `${before}${BEGIN}\n\n${lines.join('')}\n${END}${after}`;
}

function lineOf(
  { mode, executor, options }: ModeDeclaration,
  modes: ReturnType<typeof modeDefaultsOf>,
): string {
  const { timeoutS, nodeLost } = modeDefaults(mode, { modes });
  const lost = nodeLost === 'retry' ? 'tried again' : 'interrupted';
  const own = options === undefined ? '' : `; options in \`info.${mode}\``;
  const page = mode in modes ? `; [more](executors/${mode}.md)` : '';
  return `- \`${mode}\`: \`${executor}\`; ${timeoutS} s for an attempt; ${lost} when its node is lost${own}${page}`;
}
