import { RouteTable } from './route-table.js';

describe('the table of routes', () => {
  const table = new RouteTable();
  table.add('GET', '/api/job');
  table.add(['POST', 'HEAD'], '/api/job');
  table.add('PUT', '/api/job/:job_id/enable');
  table.add('GET', '/docs/*');

  it('knows the methods of a path, whatever its query', () => {
    expect(table.methodsOf('/api/job?a=/b')).toEqual(['GET', 'HEAD', 'POST']);
    expect(table.methodsOf('/api/job/x,y/enable')).toEqual(['PUT']);
    expect(table.methodsOf('/docs/a/b.css')).toEqual(['GET']);
  });

  it('has none for a path that nothing serves', () => {
    expect(
      ['/api', '/api/job/', '/api/jobs', '/api/job/x/y/enable', '/xapi/job'].flatMap((p) =>
        table.methodsOf(p),
      ),
    ).toEqual([]);
  });
});
