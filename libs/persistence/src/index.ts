export { m } from '@ecron/migrations';
