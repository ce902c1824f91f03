import { x } from '@ecron/domain';
import { m } from '@ecron/persistence';
console.log('x', x, m);
