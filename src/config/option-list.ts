import { optionFacts, type OptionFacts } from './option.ts';
import { sections } from './schema.ts';

/** An option as people meet it. */
export interface ConfigOption extends OptionFacts {
  /** `section.option`, as in the file. */
  readonly name: string;
  readonly section: string;
  /** Its key within the section of the file. */
  readonly key: string;
  /** The environment variable that overrides the file. */
  readonly variable: string;
  /** Where it stands in `Config`. */
  readonly path: readonly [section: string, property: string];
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Every option, in the order of the schema. The documentation is made from it. */
export const configOptions: readonly ConfigOption[] = Object.entries(sections).flatMap(([section, shape]) =>
  Object.entries(shape).map(([property, schema]): ConfigOption => {
    const facts = optionFacts.get(schema);
    if (facts === undefined) throw new Error(`${section}.${property} was not made by option.ts`);
    const key = snakeCase(property);
    const variable = `FENIX_${section}_${key}`.toUpperCase();
    return { ...facts, name: `${section}.${key}`, section, key, variable, path: [section, property] };
  }),
);
