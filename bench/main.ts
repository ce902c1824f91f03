/**
 * `npm run bench -- NAME… [--on SYSTEM]…`: runs these benches one after the other, each on each system (SQLite where
 * none is named), and shows the figures side by side. Exit 1 when one finds a fault.
 */
import { parseArgs } from 'node:util';
import { exitOnSignals } from '../test/support/services.js';
import { type Figures, showTable } from './bench.js';
import { type SystemName, SYSTEMS } from './systems.js';

const ON_A_SYSTEM: Record<string, () => Promise<{ run: (on: SystemName) => Promise<Figures> }>> = {
  sustained: () => import('./sustained.js'),
  herd: () => import('./herd.js'),
};
const ALONE: Record<string, () => Promise<{ run: () => Promise<void> }>> = {
  cron: () => import('./cron.js'),
  adoption: () => import('./adoption.js'),
};

const { values, positionals: names } = parseArgs({
  allowPositionals: true,
  options: { on: { type: 'string', multiple: true, default: ['sqlite'] } },
});
const systems = SYSTEMS.filter((name) => values.on.includes(name));
const known = [...Object.keys(ON_A_SYSTEM), ...Object.keys(ALONE)];
if (names.length === 0 || names.some((name) => !known.includes(name)) || systems.length < values.on.length) {
  console.error('usage: npm run bench -- NAME… [--on SYSTEM]…');
  console.error(`benches: ${known.join(', ')}; systems: ${SYSTEMS.join(', ')}`);
  process.exit(2);
}

exitOnSignals();
const rows: Figures[] = [];
for (const name of names) {
  await (await ALONE[name]?.())?.run();
  const bench = await ON_A_SYSTEM[name]?.();
  for (const on of bench === undefined ? [] : systems) {
    console.log(`== ${name} on ${on}`);
    rows.push({ bench: name, on, ...(await bench?.run(on)) });
  }
}
if (rows.length > 0) showTable(rows);
