import { freePorts } from '@ecron/testing';
import { eventually } from '../support/eventually.js';
import { everySecond, jobBody } from '../support/jobs.js';
import { onStage } from '../support/stage.js';
import { Standalone } from '../support/standalone.js';
import { traceOf } from '../support/traces.js';

jest.setTimeout(60_000);

/** Prints what a process loads of OpenTelemetry, ESM and CommonJS. */
const WATCH_LOADS = `
  import { registerHooks } from 'node:module';
  registerHooks({
    load(url, context, next) {
      const [, name] = /@opentelemetry[/](sdk-trace|exporter-trace-otlp-http)[/]/.exec(url) ?? [];
      if (name !== undefined) process.stderr.write('loaded ' + name + '\\n');
      return next(url, context);
    },
  });`;
const NODE_OPTIONS = `--import data:text/javascript,${encodeURIComponent(WATCH_LOADS)}`;

const [TRACE, SPAN] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];
const CALLER = { traceparent: `00-${TRACE}-${SPAN}-01` };

const loadsIn = (output: string): Set<string> => new Set(output.match(/(?<=^loaded ).*$/gm));

describe('tracing that is off', () => {
  it('tells targets nothing, reads nothing of callers, and loads nothing', () =>
    onStage(
      () => Standalone.start({ NODE_OPTIONS }),
      async (app, target) => {
        const jobId = await app.api.create(jobBody(`${target.url}/ok/asked`));
        await app.api.with(CALLER).run({ job_id: jobId });
        await app.api.create(everySecond(`${target.url}/ok/slot`));
        await eventually(async () => {
          expect(await target.seen('/ok/asked')).toHaveLength(1);
          expect(await target.seen('/ok/slot')).not.toHaveLength(0);
        });
        const headers = (await target.seen('/ok')).map((seen) => seen.headers['traceparent']);
        expect(new Set(headers)).toEqual(new Set([undefined]));
        expect(loadsIn(app.output())).toEqual(new Set());
      },
    ));

  it('leaves a header that a job sets itself alone', () =>
    onStage(
      () => Standalone.start(),
      async (app, target) => {
        const info = { headers: CALLER };
        await app.api.run({ job_id: await app.api.create(jobBody(`${target.url}/ok/own`, {}, { info })) });
        const [seen] = await eventually(async () => {
          const found = await target.seen('/ok/own');
          expect(found).toHaveLength(1);
          return found;
        });
        expect(seen?.headers['traceparent']).toBe(CALLER.traceparent);
      },
    ));
});

describe('tracing whose collector is away', () => {
  it('keeps nothing from running: the log says once that spans are dropped', async () => {
    const nobody = `http://127.0.0.1:${await freePorts()}/v1/traces`;
    await onStage(
      () => Standalone.start({ NODE_OPTIONS, ECRON_TRACE_OTLP_URL: nobody }),
      async (app, target) => {
        const jobId = await app.api.create(everySecond(`${target.url}/ok/slot`));
        const dropped = (): string[] => app.output().match(/.*spans are dropped.*/g) ?? [];
        const seen = await eventually(async () => {
          const found = await target.seen('/ok/slot');
          expect(found.length).toBeGreaterThan(2);
          expect(dropped().length).toBeGreaterThan(0);
          return found;
        });
        // One line of each service.
        expect(dropped().length).toBeLessThanOrEqual(2);
        for (const { headers } of seen)
          expect(headers['traceparent']).toMatch(`00-${traceOf(headers['x-ecron-execute-id'] ?? '')}-`);
        expect((await app.api.executions(`job_id=${jobId}&state=failed`)).length).toBe(0);
        expect(loadsIn(app.output())).toEqual(new Set(['sdk-trace', 'exporter-trace-otlp-http']));
      },
    );
  });
});
