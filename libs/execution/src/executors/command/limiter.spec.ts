import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findLimiter } from './limiter.js';

describe('what sets the limits of commands', () => {
  const path = process.env['PATH'];
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ecron-limiter-'));
  });
  afterEach(() => {
    process.env['PATH'] = path;
    rmSync(folder, { recursive: true });
  });

  it('is prlimit, where it is in PATH', () => {
    expect(findLimiter({ open_files: 64 }, null)).toEqual({
      program: expect.stringMatching(/^\/.*\/prlimit$/) as string,
      options: ['--nofile=64'],
    });
  });

  it('is nothing where there is none', () => {
    process.env['PATH'] = folder;
    expect(findLimiter({ open_files: 64 }, null)).toEqual({
      refusal: 'needs prlimit (util-linux), which is not there',
    });
  });

  it('is nothing where it cannot set them, and says why', () => {
    writeFileSync(join(folder, 'prlimit'), '#!/bin/sh\necho no such limit >&2\nexit 1\n', { mode: 0o755 });
    process.env['PATH'] = folder;
    expect(findLimiter({ cpu_s: 5 }, null)).toEqual({ refusal: 'cannot be set: no such limit' });
  });
});
