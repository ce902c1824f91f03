import { readReports, type StatusInput } from './status-input.js';
import { readStatusFilter, readStatusTimes, refuseNoFilter } from './status-query.js';

const filterOf = (query: Parameters<typeof readStatusFilter>[0]) =>
  readStatusFilter(query, readStatusTimes(query));

describe('the filters of a status query', () => {
  it('ask for the latest one where only a job is named', () => {
    expect(filterOf({ job_id: 'j', job_type: '' })).toEqual({ jobId: 'j', limit: 1 });
    expect(filterOf({ job_id: 'j', job_type: 'timed' }).limit).toBeGreaterThan(1);
  });

  it('take executing for everything that has not ended', () => {
    expect(filterOf({ job_status: 'executing' }).states).toEqual(['waiting', 'running', 'accepted']);
  });

  it('include the whole second of the upper bound', () => {
    const end = '2026-11-24T01:00:00Z';
    expect(filterOf({ begin_at: end, end_at: end })).toMatchObject({
      beginFrom: Date.parse(end),
      beginUntil: Date.parse(end) + 999,
    });
  });

  it('must be there at all', () => {
    expect(() => refuseNoFilter({ job_id: '' })).toThrow('Query parameters is null');
  });
});

describe('reported statuses', () => {
  const item: StatusInput = { execute_id: 'e', job_id: 'j', job_type: 'timed', job_status: 'executing' };

  it('become states; what still executes waits for the word of who runs it', () => {
    const [report] = readReports([{ ...item, ext_info: { result: { a: 1 } }, executor: null }]);
    expect(report).toMatchObject({ state: 'accepted', result: '{"a":1}', executor: [], beginAt: null });
  });

  it.each<[string, StatusInput[] | null, string]>([
    ['no item', [], 'no status'],
    ['null', null, 'no status'],
    ['an unknown type', [item, { ...item, job_type: 'x' }], 'bad type'],
    ['an unknown status', [{ ...item, job_status: '' }], 'bad status'],
    ['a bad time', [{ ...item, end_at: '1970-01-01T00:00:00Z' }], 'bad time'],
    ['an execute_id over 36 characters', [{ ...item, execute_id: 'x'.repeat(37) }], 'bad field'],
  ])('are refused for %s', (_, items, kind) => {
    expect(() => readReports(items)).toThrow(expect.objectContaining({ kind }) as Error);
  });
});
