// Plain CommonJS without a build: it runs from the clone as it is, on whatever Node the Nest CLI runs on.
const { readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const { addToList, addToModeList, addToOpenApi } = require('./edits.cjs');

const TEMPLATES = join(__dirname, 'files');
const EXECUTORS = 'libs/execution/src/executors';
const LIST = `${EXECUTORS}/index.ts`;
const MODE = /^[a-z][a-z0-9-]{0,15}$/;
/** What `job_context.info` has anyway, where the options would go. */
const INFO_MEMBERS = ['method', 'params', 'headers', 'body', 'kubernetes', 'tls', 'assert'];

/** `nest g -c @ecron/schematics executor NAME`. Nothing is written when it throws. */
exports.executor = (options) => async (tree, context) => {
  const names = namesOf(options.name);
  refuseTaken(tree, names);
  for (const [path, text] of filesOf(names)) tree.create(path, await format(path, text));
  await edit(tree, LIST, (text) => addToList(text, names));
  await edit(tree, 'docs/executors.md', (text) => addToModeList(text, names));
  tree.overwrite('docs/openapi.json', addToOpenApi(tree.readText('docs/openapi.json'), names));
  context.logger.info(`Next: write what it does into ${EXECUTORS}/${names.mode}/${names.mode}.executor.ts`);
  context.logger.info('After a change of its options: npm run build && npm run generate');
};

function namesOf(name) {
  const mode = String(name);
  if (!MODE.test(mode)) {
    throw new Error(`"${mode}" is no mode: a-z, 0-9 and "-", from a letter, at most 16 characters`);
  }
  if (INFO_MEMBERS.includes(mode)) throw new Error(`"${mode}" means something else in job_context.info`);
  const type = mode
    .replace(/(^|-)([a-z0-9])/g, (_, _dash, letter) => letter.toUpperCase())
    .replaceAll('-', '');
  return { mode, type };
}

function refuseTaken(tree, { mode, type }) {
  const { enum: modes } = JSON.parse(tree.readText('docs/openapi.json')).components.schemas.JobContextDto
    .properties.mode;
  const isTaken = modes.includes(mode) || tree.readText(LIST).includes(`${type}Executor `);
  if (isTaken || tree.getDir(`${EXECUTORS}/${mode}`).subfiles.length > 0) {
    throw new Error(`there is an executor for mode "${mode}"`);
  }
}

function filesOf(names) {
  return readdirSync(TEMPLATES).map((template) => {
    const file = fill(template.replace(/\.template$/, ''), names);
    const folder = file.endsWith('.md') ? 'docs/executors' : `${EXECUTORS}/${names.mode}`;
    return [`${folder}/${file}`, fill(readFileSync(join(TEMPLATES, template), 'utf8'), names)];
  });
}

function fill(text, { mode, type }) {
  return text.replaceAll('__mode__', mode).replaceAll('__Type__', type);
}

async function edit(tree, path, change) {
  tree.overwrite(path, await format(path, change(tree.readText(path))));
}

/** Where a line breaks depends on how long the name is. */
async function format(path, text) {
  const prettier = require('prettier');
  const filepath = join(process.cwd(), path);
  return prettier.format(text, { ...(await prettier.resolveConfig(filepath)), filepath });
}
