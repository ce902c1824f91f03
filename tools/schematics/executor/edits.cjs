// What is there already and has to know of a new executor. Each takes a file's text and gives it back changed.

/** The list of executors, with one more at its end. */
exports.addToList = (text, { mode, type }) => {
  const imports = `import { ${type}Executor } from './${mode}/${mode}.executor.js';\n`;
  const withImport = replaceOnce(text, /((?:^import .*\n)+)/m, (known) => known + imports);
  return replaceOnce(
    withImport,
    /(EXECUTORS[^=]*= \[)([^\]]*?),?\s*\]/,
    (_, head, known) => `${head}${known}, ${type}Executor]`,
  );
};

/** The page of executors, as `npm run generate` writes it for what the templates declare. */
exports.addToModeList = (text, { mode, type }) =>
  replaceOnce(
    text,
    '\n\n<!-- the end of the modes -->',
    (end) =>
      `\n- \`${mode}\`: \`${type}Executor\`; 60 s for an attempt; tried again when its node is lost; options in \`info.${mode}\`; [more](executors/${mode}.md)${end}`,
  );

/** The description of the API, as `npm run generate` writes it for what the templates declare. */
exports.addToOpenApi = (text, { mode, type }) => {
  const document = JSON.parse(text);
  const { schemas } = document.components;
  schemas.JobContextDto.properties.mode.enum.push(mode);
  schemas.JobInfoDto.properties[mode] = {
    nullable: true,
    description: `Mode ${mode}: its options`,
    allOf: [{ $ref: `#/components/schemas/${type}OptionsDto` }],
  };
  schemas[`${type}OptionsDto`] = {
    type: 'object',
    properties: { note: { type: 'string', example: 'good morning', description: 'Goes into the result' } },
  };
  return `${JSON.stringify(document, null, 2)}\n`;
};

function replaceOnce(text, what, by) {
  const changed = text.replace(what, by);
  if (changed === text) throw new Error(`there is no ${what} to change`);
  return changed;
}
