import { refuseSplitStart } from '@ecron/platform';

refuseSplitStart('analysis');
