import { type PipeTransform } from '@nestjs/common';
import { type JsonObject } from '@ecron/domain';
import { refuse } from '@ecron/jobs';
import { parseJson } from '../http/parse-json.js';

/** A result is an object or `null`. */
export class ResultPipe implements PipeTransform<unknown, JsonObject | null> {
  transform(text: unknown): JsonObject | null {
    const value = parseJson(text);
    if (typeof value !== 'object' || Array.isArray(value)) {
      throw refuse.field('body', 'must be an object or null');
    }
    return value as JsonObject | null;
  }
}
