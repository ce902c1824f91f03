import { CommandExecutor, declarationsOf, Executor, HttpExecutor, JobExecutor } from '@ecron/execution';
import { type JobContext, type Outcome } from '@ecron/domain';
import { ApiPropertyOptional, type OpenAPIObject } from '@nestjs/swagger';
import { IsInt, IsOptional } from 'class-validator';
import { describeModes, withModeList } from './describe-modes.js';
import { ExecutorModes } from './executor-modes.js';

class DemoOptionsDto {
  @ApiPropertyOptional({ type: Number })
  @IsInt()
  times: number;

  @IsOptional()
  @IsInt()
  more?: number;
}

@JobExecutor('demo', { timeoutS: 5, nodeLost: 'interrupt', options: DemoOptionsDto })
class DemoExecutor extends Executor {
  async run(): Promise<Outcome> {
    return { kind: 'succeeded', result: null };
  }
  override check({ exec }: JobContext) {
    return exec === '' ? { path: 'job_context.exec', rule: 'must not be empty' } : null;
  }
}

@JobExecutor('exe+demo')
class VariantExecutor extends DemoExecutor {}

const declarations = [HttpExecutor, CommandExecutor, DemoExecutor, VariantExecutor].flatMap(declarationsOf);
const find = (mode: string) => (mode === 'demo' || mode === 'exe+demo' ? new DemoExecutor() : undefined);
const modes = new ExecutorModes({ declarations, find });

function faultOf(sent: unknown): unknown {
  try {
    modes.readOptions('demo', sent);
  } catch (error) {
    return (error as { detail: unknown }).detail;
  }
  return null;
}

describe('the modes that jobs can have', () => {
  it('are those of the executors, without their variants', () => {
    expect(modes.names).toEqual(['http', 'https', 'exe', 'demo']);
  });

  it('keep the options that are sent', () => {
    expect(modes.readOptions('demo', { times: 3 })).toEqual({ times: 3 });
  });

  it('keep nothing where the executor has no options', () => {
    expect(modes.readOptions('http', { times: 3 })).toBeNull();
  });

  it.each<[unknown, string]>([
    [{ times: 'x' }, 'job_context.info.demo.times'],
    [{ times: 1, more: {} }, 'job_context.info.demo.more'],
    [{ times: 1, other: 2 }, 'job_context.info.demo.other'],
    [undefined, 'job_context.info.demo.times'],
    ['text', 'job_context.info.demo'],
  ])('refuse the options %j, naming %s', (sent, path) => {
    expect(faultOf(sent)).toEqual({ parameters: [path] });
  });

  it('ask the executor about the whole context', () => {
    const context = { mode: 'demo', exec: '', info: {} } as JobContext;
    expect(modes.findFault(context)?.path).toBe('job_context.exec');
    expect(modes.findFault({ ...context, mode: 'http' })).toBeNull();
  });
});

describe('the description of the modes', () => {
  const document = {
    components: {
      schemas: {
        DemoOptionsDto: { type: 'object' },
        JobContextDto: { properties: { mode: { type: 'string' } } },
        JobInfoDto: { properties: {} },
      },
    },
  } as unknown as OpenAPIObject;

  it('names them, and puts the options of each where they go', () => {
    describeModes(document, modes.declarations);
    expect(Object.keys(document.components?.schemas ?? {})).toEqual([
      'JobContextDto',
      'JobInfoDto',
      'DemoOptionsDto',
    ]);
    expect(document.components?.schemas).toMatchObject({
      JobContextDto: { properties: { mode: { enum: modes.names } } },
      JobInfoDto: { properties: { demo: { allOf: [{ $ref: '#/components/schemas/DemoOptionsDto' }] } } },
    });
  });

  it('stands in the page anew, whatever stood there', () => {
    const page = withModeList(withModeList(PAGE, modes.declarations), modes.declarations);
    expect(page).toMatch(/^Before\n/);
    expect(page).toMatch(/\nAfter\n$/);
    expect(page.match(/^- .*/gm)).toEqual([
      '- `http`: `HttpExecutor`; 60 s for an attempt; tried again when its node is lost',
      '- `https`: `HttpExecutor`; 60 s for an attempt; tried again when its node is lost',
      '- `exe`: `CommandExecutor`; 3600 s for an attempt; interrupted when its node is lost',
      '- `demo`: `DemoExecutor`; 5 s for an attempt; interrupted when its node is lost; options in `info.demo`; [more](executors/demo.md)',
    ]);
  });
});

const PAGE = `Before

<!-- the modes: written by \`npm run generate\` -->
- old
<!-- the end of the modes -->

After
`;
