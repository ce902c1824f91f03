import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { auditStoreConformance, sqliteStores } from '@ecron/testing';

auditStoreConformance(sqliteStores());

describe('the record of changes', () => {
  it('is added to by one function, and changed or deleted by none', () => {
    const root = join('libs', 'persistence', 'src');
    const texts = readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
      .map((name) => ({ name, text: readFileSync(join(root, name), 'utf8') }));
    const users = texts.filter(({ text }) => text.includes('ecron_audit')).map(({ name }) => name);
    expect(users.sort()).toEqual(['rows/audit.row.ts', 'stores/audit-rows.ts', 'stores/sql-audit.store.ts']);
    expect(texts.filter(({ text }) => /(UPDATE|DELETE FROM|REPLACE INTO) ecron_audit/.test(text))).toEqual(
      [],
    );
  });
});
