import { readFileSync } from 'node:fs';
import { VERSION } from './version.js';

it('the version that the product shows is the one of its package', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect(VERSION).toBe(version);
});
