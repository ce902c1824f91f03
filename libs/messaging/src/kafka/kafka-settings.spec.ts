import { completeSettings, connectionConfig, type KafkaSasl } from './kafka-settings.js';

const config = (more: object = {}) =>
  connectionConfig(completeSettings({ brokers: ['a:9092', 'b:9092'], clientId: 'ecron', ...more }));

describe('connectionConfig', () => {
  it('names every broker, and asks for neither TLS nor an account by itself', () => {
    expect(config()).toMatchObject({ brokers: ['a:9092', 'b:9092'], clientId: 'ecron' });
    expect(config()).not.toHaveProperty('sasl');
    expect(config()).not.toHaveProperty('ssl');
  });

  it.each<KafkaSasl['mechanism']>(['plain', 'scram-sha-256', 'scram-sha-512'])(
    'hands on an account with the mechanism %s',
    (mechanism) => {
      const sasl = { mechanism, username: 'u', password: 'p' };
      expect(config({ sasl, tls: {} })).toMatchObject({ sasl, ssl: {} });
    },
  );

  it('refuses to be without a broker', () => {
    expect(() => completeSettings({ brokers: [], clientId: 'ecron' })).toThrow(RangeError);
  });
});
