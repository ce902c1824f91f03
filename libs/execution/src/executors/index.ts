import { type Type } from '@nestjs/common';
import { type Executor } from '../executor/executor.js';
import { CommandExecutor } from './command/command.executor.js';
import { HttpExecutor } from './http/http.executor.js';
import { KubernetesExecutor } from './kubernetes/kubernetes.executor.js';
import { PublishExecutor } from './publish/publish.executor.js';

/**
 * Every executor of the management service. What is listed here is found by Nest, carries its modes out, and says what
 * the API and its description, policies and docs know of them; `nest g -c @ecron/schematics executor NAME` adds one.
 */
export const EXECUTORS: readonly Type<Executor>[] = [
  HttpExecutor,
  CommandExecutor,
  KubernetesExecutor,
  PublishExecutor,
];
