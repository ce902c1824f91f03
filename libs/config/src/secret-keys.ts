import { key } from './key.js';
import { absolutePath, keyList } from './kinds.js';

/** What secrets in the database are sealed under. */
export const SECRET_KEYS = {
  secret_key: key({
    group: 'Storage',
    kind: keyList,
    fallback: null,
    fallbackText:
      'none; with SQLite the service makes a key of its own, `secret.key` in the data folder. On a database server jobs with secrets are refused until there is one',
    doc: 'Keys that secrets of jobs and webhooks are sealed under (AES-256-GCM), the same on every node. The first seals, all of them open: put a new one in front, and take the old one away when the log has said that all is sealed under the new one. Better in `secret_key_file` than in the environment. See [secrets.md](secrets.md).',
  }),
  secret_key_file: key({
    group: 'Storage',
    kind: absolutePath,
    fallback: null,
    fallbackText: 'none',
    doc: 'A file with those keys, one a line, in place of `secret_key`. Read at start.',
  }),
} as const;
