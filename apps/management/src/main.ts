import { refuseSplitStart } from '@ecron/platform';

refuseSplitStart('management');
