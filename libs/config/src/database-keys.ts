import { key } from './key.js';
import { choice, integer, text } from './kinds.js';

/** Where everything is kept, and how to reach it. */
export const DATABASE_KEYS = {
  db_type: key({
    group: 'Storage',
    kind: choice('sqlite', 'mysql'),
    fallback: null,
    fallbackText: '`mysql` where `db_addr` is set, else `sqlite`',
    doc: 'Where everything is kept. `mysql` is a MariaDB or MySQL server; only there can the two services run apart. With `sqlite` one process does everything, and a `db_addr` that is set has no effect.',
  }),
  data_dir: key({
    group: 'Storage',
    kind: text,
    fallback: 'data',
    doc: 'Folder of the SQLite file and of what else is kept on disk; made when missing. Relative to the working directory. One process at a time may use it.',
  }),
  db_migrate: key({
    group: 'Storage',
    kind: choice('auto', 'check'),
    fallback: 'auto',
    doc: 'What a start does about the tables. `auto` brings them up to date, one process at a time; `check` only refuses to start while they are not, for deployments where `npm run migrate` does it under an account of its own.',
  }),
  db_addr: key({
    group: 'Database server',
    kind: text,
    fallback: null,
    fallbackText: 'none, so SQLite is used',
    doc: 'Host of the database server.',
  }),
  db_port: key({
    group: 'Database server',
    kind: integer(1, 65_535),
    fallback: 3306,
    doc: 'Port of the database server.',
  }),
  db_name: key({
    group: 'Database server',
    kind: text,
    fallback: 'ecron',
    doc: 'The database, which has to exist. Its name there is `system_id` and this, one after the other.',
  }),
  system_id: key({
    group: 'Database server',
    kind: text,
    fallback: '',
    fallbackText: 'nothing',
    doc: 'What the name of the database begins with, before `db_name`.',
  }),
  user_name: key({
    group: 'Database server',
    kind: text,
    fallback: null,
    fallbackText: 'none; it has to be set for a database server',
    doc: 'The account. It needs the rights to read and write, and with `db_migrate: auto` to create and alter tables.',
  }),
  user_pwd: key({
    group: 'Database server',
    kind: text,
    fallback: null,
    fallbackText: 'no password',
    doc: 'The password of the account.',
  }),
  max_open_conns: key({
    group: 'Database server',
    kind: integer(1, 10_000),
    fallback: 14,
    doc: 'Most connections that one process opens, shared out so that no kind of work waits behind another; fewer than 9 count as 9.',
  }),
  timeout: key({
    group: 'Database server',
    kind: integer(1, 3600),
    fallback: 5,
    doc: 'Seconds that opening a connection may take.',
  }),
  read_timeout: key({
    group: 'Database server',
    kind: integer(1, 3600),
    fallback: 30,
    doc: 'Seconds that a list may take which a caller of the API asks for.',
  }),
  write_timeout: key({
    group: 'Database server',
    kind: integer(1, 3600),
    fallback: 10,
    doc: 'Seconds that a transaction, and what a routine reads, may take. What takes longer is given up, and its connection closed.',
  }),
} as const;
