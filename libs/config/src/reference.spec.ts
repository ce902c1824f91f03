import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KEYS } from './keys.js';
import { LEGACY_KEYS } from './legacy-keys.js';
import { loadConfig } from './load-config.js';
import { configReference, configSample } from './reference.js';

describe('the configuration reference', () => {
  it('describes every key', () => {
    const reference = configReference();
    for (const name of Object.keys(KEYS)) expect(reference).toContain(`### \`${name}\``);
    for (const name of Object.keys(LEGACY_KEYS)) expect(reference).toContain(`- \`${name}\`: `);
  });
});

describe('the sample file', () => {
  it('names every key and, with the comment signs taken away, changes nothing', () => {
    const sample = configSample();
    for (const name of Object.keys(KEYS)) expect(sample).toContain(`# ${name}: `);
    const folder = mkdtempSync(join(tmpdir(), 'ecron-config-'));
    const standard = loadConfig({}, folder);
    writeFileSync(join(folder, 'cronsvr.yaml'), sample.replace(/^# (\w+:)/gm, '$1'));
    expect(loadConfig({}, folder)).toEqual(standard);
    rmSync(folder, { recursive: true });
  });
});
