import { ConfigError } from '@ecron/config';
import { UnopenableSecretError } from '@ecron/domain';
import {
  DataFolderError,
  KeyFileError,
  MigrationLockError,
  NewerSchemaError,
  PendingMigrationsError,
} from '@ecron/persistence';
import { ListenError } from './service.js';

/** Something that an operator can mend; the message says it all, without secrets. */
export class OperatorError extends Error {}

const FOR_THE_OPERATOR = [
  ConfigError,
  DataFolderError,
  KeyFileError,
  ListenError,
  MigrationLockError,
  NewerSchemaError,
  OperatorError,
  PendingMigrationsError,
  UnopenableSecretError,
];

/** What is printed of an error that ends a start: the message alone where an operator can mend it, else its trace. */
export function operatorText(error: unknown): string {
  if (!(error instanceof Error)) return `cannot start: ${String(error)}`;
  if (FOR_THE_OPERATOR.some((kind) => error instanceof kind)) return error.message;
  return refusalOf(error) ?? `cannot start: ${error.stack}`;
}

/** Of the server's own words: they name the account or the database, never the password. */
const REFUSALS =
  /^ER_(\w*ACCESS_DENIED\w*|BAD_DB_ERROR|HOST_NOT_PRIVILEGED|HOST_IS_BLOCKED|SSL_\w+|\w*AUTH\w*)$/;

function refusalOf(error: Error): string | null {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && REFUSALS.test(code)
    ? `the database server refuses: ${error.message}`
    : null;
}
