import { key } from './key.js';
import { absolutePath, flag } from './kinds.js';

/** TLS towards what the services themselves connect to. */
export const CLIENT_TLS_KEYS = {
  db_tls: key({
    group: 'Database server',
    kind: flag,
    fallback: false,
    doc: 'Whether the database server is spoken to over TLS, and over nothing else. Its certificate is verified, against the name in `db_addr`, which can be no address then.',
  }),
  db_tls_ca_file: key({
    group: 'Database server',
    kind: absolutePath,
    fallback: null,
    fallbackText: 'what Node trusts anyway',
    doc: 'A file of certificates in PEM that vouch for the database server; those alone. Read at start, as the two files below.',
  }),
  db_tls_cert_file: key({
    group: 'Database server',
    kind: absolutePath,
    fallback: null,
    fallbackText: 'none',
    doc: 'The certificate in PEM that the service proves itself with, where the account asks for one (`REQUIRE X509`). Needs `db_tls_key_file`.',
  }),
  db_tls_key_file: key({
    group: 'Database server',
    kind: absolutePath,
    fallback: null,
    fallbackText: 'none',
    doc: 'Its private key in PEM, without a passphrase.',
  }),
  mq_tls: key({
    group: 'Broker',
    kind: flag,
    fallback: false,
    doc: 'Kafka: whether brokers are spoken to over TLS, and over nothing else. Their certificates are verified, against the names and addresses that they go by.',
  }),
  mq_tls_ca_file: key({
    group: 'Broker',
    kind: absolutePath,
    fallback: null,
    fallbackText: 'what Node trusts anyway',
    doc: 'Kafka: a file of certificates in PEM that vouch for the brokers; those alone. Read at start, as the two files below.',
  }),
  mq_tls_cert_file: key({
    group: 'Broker',
    kind: absolutePath,
    fallback: null,
    fallbackText: 'none',
    doc: 'Kafka: the certificate in PEM that the service proves itself with (`ssl.client.auth`). Needs `mq_tls_key_file`.',
  }),
  mq_tls_key_file: key({
    group: 'Broker',
    kind: absolutePath,
    fallback: null,
    fallbackText: 'none',
    doc: 'Kafka: its private key in PEM, without a passphrase.',
  }),
} as const;
