import { describeFault } from './faults.js';

const failed = (code: string, message: string, facts: object = {}): Error =>
  Object.assign(new Error(message), { code, ...facts });

const at = { syscall: 'connect', address: '10.9.8.7', port: 6443 };
const refused = failed('ECONNREFUSED', 'connect ECONNREFUSED 10.9.8.7:6443', at);

describe('what a fault of the cluster tells', () => {
  it.each([
    [refused, 'connection refused by the Kubernetes API'],
    [new AggregateError([refused, refused]), 'connection refused by the Kubernetes API'],
    [
      failed('ETIMEDOUT', 'connect ETIMEDOUT 10.9.8.7:6443', at),
      'no connection to the Kubernetes API in time',
    ],
    [failed('EACCES', 'connect EACCES 10.9.8.7:6443', at), 'the request failed: connect EACCES'],
    [
      failed(
        'ERR_TLS_CERT_ALTNAME_INVALID',
        "Not in the certificate's altnames: IP: 10.9.8.7 is not in the list",
      ),
      "certificate of the Kubernetes API refused: Not in the certificate's altnames",
    ],
  ])('is not where its API server is: %s', (error, text) => {
    expect(describeFault(error)).toBe(text);
  });
});
