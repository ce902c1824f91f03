import 'reflect-metadata';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major !== 24 || minor < 15) {
  throw new Error(`the tests need Node 24.15 or later, this is ${process.version}: run them by "npm test"`);
}
