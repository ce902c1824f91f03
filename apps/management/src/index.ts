export { serveApiDocs } from './http/open-api.js';
export { RestAdapter } from './http/rest-adapter.js';
export { RestModule } from './rest.module.js';
