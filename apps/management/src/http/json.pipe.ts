import { type ArgumentMetadata, type PipeTransform, type Type } from '@nestjs/common';
import { refuse } from '@ecron/jobs';
import { checkBody } from './check-body.js';
import { parseJson } from './parse-json.js';

/** The body as an object of the parameter's class. */
export class JsonPipe implements PipeTransform<unknown, object> {
  transform(text: unknown, { metatype }: ArgumentMetadata): object {
    return checkBody(parseJson(text), metatype as Type<object>);
  }
}

/** As {@link JsonPipe}; `null` is as good as `{}`. */
export class NullableJsonPipe implements PipeTransform<unknown, object> {
  transform(text: unknown, { metatype }: ArgumentMetadata): object {
    return checkBody(parseJson(text) ?? {}, metatype as Type<object>);
  }
}

/** As {@link NullableJsonPipe}; no body at all is as good as `{}`, too. */
export class OptionalJsonPipe extends NullableJsonPipe {
  override transform(text: unknown, metadata: ArgumentMetadata): object {
    return super.transform(text === undefined || text === null || text === '' ? '{}' : text, metadata);
  }
}

/** The body as a list of objects of one class; `null` is as good as `[]`. */
export class JsonListPipe<T extends object> implements PipeTransform<unknown, T[]> {
  constructor(private readonly type: Type<T>) {}

  transform(text: unknown): T[] {
    const list = parseJson(text) ?? [];
    if (!Array.isArray(list)) throw refuse.field('body', 'must be a list');
    return list.map((item: unknown, index) => checkBody(item, this.type, `[${index}]`));
  }
}
