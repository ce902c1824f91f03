import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const ROOT = join('libs', 'domain', 'src');
const IMPORTED = /\b(?:from|import|require)\b\s*\(?\s*['"]([^'"]+)['"]/g;
const COMMENT = /\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm;
/** Time, chance and the surroundings come as arguments. */
const IMPURE =
  /\b(?:Date\.now|new Date\(\)|Math\.random|performance|process|globalThis|console|fetch|crypto|set(?:Timeout|Interval|Immediate))\b/;

interface Source {
  path: string;
  code: string;
}

const sources: Source[] = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
  .map((name) => join(ROOT, name))
  .map((path) => ({ path, code: readFileSync(path, 'utf8').replace(COMMENT, '') }));

const importsOf = ({ code }: Source): string[] => [...code.matchAll(IMPORTED)].map((match) => match[1] ?? '');

function staysInside({ path }: Source, imported: string): boolean {
  if (!imported.startsWith('.')) return false;
  return !relative(ROOT, join(dirname(path), imported)).startsWith('..');
}

describe('the domain', () => {
  it('imports nothing outside itself: no framework, no ORM, no I/O', () => {
    const all = sources.flatMap((source) => importsOf(source).map((imported) => ({ source, imported })));
    expect(all.length).toBeGreaterThan(50);
    const foreign = all.filter(({ source, imported }) => !staysInside(source, imported));
    expect(foreign.map(({ source, imported }) => `${source.path} imports ${imported}`)).toEqual([]);
  });

  it('reads no clock, throws no dice and knows no process', () => {
    expect(sources.filter(({ code }) => IMPURE.test(code)).map(({ path }) => path)).toEqual([]);
  });
});
