/** `npm run bench -- NAME…`: runs these benches one after the other. Exit 1 when one finds a fault. */
const BENCHES: Record<string, () => Promise<{ run: () => Promise<void> }>> = {
  sustained: () => import('./sustained.js'),
  herd: () => import('./herd.js'),
  cron: () => import('./cron.js'),
};

const names = process.argv.slice(2);
const unknown = names.filter((name) => !(name in BENCHES));
if (names.length === 0 || unknown.length > 0) {
  console.error(`usage: npm run bench -- NAME…; there are: ${Object.keys(BENCHES).join(', ')}`);
  process.exit(2);
}
for (const name of names) {
  console.log(`== ${name}`);
  await (await BENCHES[name]?.())?.run();
}

export {};
