import fc from 'fast-check';

/** A field's text and the numbers that it was made to mean. */
export interface FieldSample {
  text: string;
  values: ReadonlySet<number>;
  restricts: boolean;
}

/** A six-field expression with its meaning, so that a test needs no second parser. */
export interface Sample {
  text: string;
  fields: readonly [FieldSample, FieldSample, FieldSample, FieldSample, FieldSample, FieldSample];
}

const steps = (from: number, to: number, step: number): number[] => {
  const values: number[] = [];
  for (let value = from; value <= to; value += step) values.push(value);
  return values;
};

const sampleOf = (text: string, values: Iterable<number>, restricts = true): FieldSample => ({
  text,
  values: new Set(values),
  restricts,
});

const item = (min: number, max: number): fc.Arbitrary<FieldSample> => {
  const value = fc.integer({ min, max });
  const range = fc.tuple(value, value).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
  const step = fc.integer({ min: 2, max: max + 5 });
  return fc.oneof(
    { weight: 4, arbitrary: value.map((n) => sampleOf(`${n}`, [n])) },
    range.map(([a, b]) => sampleOf(`${a}-${b}`, steps(a, b, 1))),
    step.map((s) => sampleOf(`*/${s}`, steps(min, max, s))),
    fc.tuple(range, step).map(([[a, b], s]) => sampleOf(`${a}-${b}/${s}`, steps(a, b, s))),
  );
};

const list = (min: number, max: number): fc.Arbitrary<FieldSample> =>
  fc.array(item(min, max), { minLength: 1, maxLength: 3 }).map((items) =>
    sampleOf(
      items.map(({ text }) => text).join(','),
      items.flatMap(({ values }) => [...values]),
    ),
  );

const star = (min: number, max: number): fc.Arbitrary<FieldSample> =>
  fc.constantFrom('*', '?', '*/1').map((text) => sampleOf(text, steps(min, max, 1), false));

const field = (min: number, max: number): fc.Arbitrary<FieldSample> =>
  fc.oneof(star(min, max), list(min, max));

const toSample = (fields: Sample['fields']): Sample => ({
  text: fields.map(({ text }) => text).join(' '),
  fields,
});

/** With a day that every month has, so that every sample has dates. */
const dayOfMonth = field(1, 31).filter(({ values }) => Math.min(...values) <= 28);

/** Any six fields. */
export const samples: fc.Arbitrary<Sample> = fc
  .tuple(field(0, 59), field(0, 59), field(0, 23), dayOfMonth, field(1, 12), field(0, 6))
  .map(toSample);

const fixedList = (min: number, max: number): fc.Arbitrary<FieldSample> =>
  fc
    .uniqueArray(fc.integer({ min, max }), { minLength: 1, maxLength: 3 })
    .map((values) => sampleOf(values.join(','), values));

/** Expressions that name times of day, on every day or on some. */
export const fixedSamples: fc.Arbitrary<Sample> = fc
  .tuple(
    fixedList(0, 59),
    fixedList(0, 59),
    fixedList(0, 23),
    star(1, 31),
    star(1, 12),
    fc.oneof(star(0, 6), list(0, 6)),
  )
  .map(toSample);

/** Expressions of days unrestricted, dense enough for a walk of three days to meet some. */
export const dailySamples: fc.Arbitrary<Sample> = fc
  .tuple(
    fc.oneof(fixedList(0, 59), list(0, 59)),
    field(0, 59),
    field(0, 23),
    fc.constant(sampleOf('*', steps(1, 31, 1), false)),
    fc.constant(sampleOf('*', steps(1, 12, 1), false)),
    star(0, 6),
  )
  .map(toSample);

export const isFixed = ({ fields }: Sample): boolean =>
  !fields.slice(0, 3).some(({ text }) => /[*?/]/.test(text));

/** Whether a wall time, in seconds as if it were UTC and after 1970, is one that the sample means. */
export function matchesWall({ fields }: Sample, wall: number): boolean {
  const [second, minute, hour, day, month, weekday] = fields;
  if (!second.values.has(wall % 60) || !minute.values.has(((wall - (wall % 60)) / 60) % 60)) return false;
  const date = new Date(wall * 1000);
  const onDay = day.values.has(date.getUTCDate());
  const onWeekday = weekday.values.has(date.getUTCDay());
  return (
    hour.values.has(date.getUTCHours()) &&
    month.values.has(date.getUTCMonth() + 1) &&
    (day.restricts && weekday.restricts ? onDay || onWeekday : onDay && onWeekday)
  );
}
