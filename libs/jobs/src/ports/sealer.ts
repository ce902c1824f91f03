export { Sealer } from '@ecron/domain';
