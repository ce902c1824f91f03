import { readFileSync } from 'node:fs';
import { repositoryFile } from '../support/process.js';

interface Manifest {
  dependencies: Record<string, string>;
}

const manifest = JSON.parse(readFileSync(repositoryFile('package.json'), 'utf8')) as Manifest;
const page = readFileSync(repositoryFile('docs/dependencies.md'), 'utf8');
const rows = [...page.matchAll(/^\| `([^`]+)` *\| *(.*?) *\| *(.*?) *\|$/gm)];

describe('docs/dependencies.md', () => {
  it('names every package that the services run on, and no other', () => {
    const named = rows.map(([, name]) => name);
    expect([...named].sort()).toEqual(Object.keys(manifest.dependencies).sort());
  });

  it('says of each why it is there and what it may do', () => {
    expect(rows.filter(([, , why, may]) => why === '' || may === '')).toEqual([]);
  });
});

describe('package.json', () => {
  it('pins what the services run on', () => {
    const loose = Object.entries(manifest.dependencies).filter(
      ([, version]) => !/^\d+\.\d+\.\d+$/.test(version),
    );
    expect(loose).toEqual([]);
  });
});
