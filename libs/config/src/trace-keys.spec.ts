import { tmpdir } from 'node:os';
import { ConfigError } from './config-error.js';
import { loadConfig } from './load-config.js';

const FILE = { ECRON_CONFIG: '' };
const urlBy = (env: Record<string, string>): string | null =>
  loadConfig({ ...FILE, ...env }, tmpdir()).traceOtlpUrl;

describe('the address of the collector', () => {
  it('is that of the key, before what the variables of OpenTelemetry say', () => {
    const OTEL_EXPORTER_OTLP_ENDPOINT = 'http://otel:4318';
    expect(urlBy({ ECRON_TRACE_OTLP_URL: 'http://own:4318/traces', OTEL_EXPORTER_OTLP_ENDPOINT })).toBe(
      'http://own:4318/traces',
    );
    expect(urlBy({ OTEL_EXPORTER_OTLP_ENDPOINT })).toBe('http://otel:4318/v1/traces');
    expect(urlBy({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel:4318/' })).toBe('http://otel:4318/v1/traces');
    expect(
      urlBy({ OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://traces:4318/t' }),
    ).toBe('http://traces:4318/t');
  });

  it('is none by default, and where a variable of OpenTelemetry holds no URL', () => {
    expect([urlBy({}), urlBy({ OTEL_EXPORTER_OTLP_ENDPOINT: 'otel:4317' })]).toEqual([null, null]);
  });
});

describe('the part of the traces that is recorded', () => {
  const ratioBy = (ECRON_TRACE_SAMPLE_RATIO: string): number =>
    loadConfig({ ...FILE, ECRON_TRACE_SAMPLE_RATIO }, tmpdir()).traceSampleRatio;

  it('is a number from 0 to 1', () => {
    expect(['0', '1', '0.01', '.5'].map(ratioBy)).toEqual([0, 1, 0.01, 0.5]);
    for (const wrong of ['1.1', '-0.1', '10%', '1e-2', '.'])
      expect(() => ratioBy(wrong)).toThrow(ConfigError);
  });
});
