import { z } from 'zod';

export type OrderField = {
  readonly name: string;
  readonly type: 'text' | 'number' | 'choice' | 'yes-no' | 'other';
  readonly need: 'required' | 'optional';
  readonly choices?: readonly string[];
};

/** One order, in plain words: its schema's `describe`, or its name when there is none. Fields in the order of the schema, required ones first. */
export type OrderText = { readonly do: string; readonly about: string; readonly fields: readonly OrderField[] };

const property = z.object({ const: z.unknown().optional(), enum: z.array(z.unknown()).optional(), type: z.string().optional() });
const branch = z.object({
  description: z.string().optional(),
  properties: z.record(z.string(), property),
  required: z.array(z.string()).optional(),
});
const union = z.object({ oneOf: z.array(branch).optional(), anyOf: z.array(branch).optional() });

/** Reads the orders off a closed union of `{do: …}` objects, so that no simulator keeps a second list of them. */
export function describeOrders(schema: z.ZodType): readonly OrderText[] {
  const read = union.safeParse(z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' }));
  if (!read.success) return [];
  return (read.data.oneOf ?? read.data.anyOf ?? []).flatMap(({ description, properties, required = [] }): readonly OrderText[] => {
    const name = properties['do']?.const;
    if (typeof name !== 'string') return [];
    const fields = Object.entries(properties)
      .filter(([key]) => key !== 'do')
      .map(([key, value]): OrderField => {
        const choices = value.enum?.map(String);
        const need = required.includes(key) ? 'required' : 'optional';
        return { name: key, type: choices === undefined ? typeOf(value.type) : 'choice', need, ...(choices === undefined ? {} : { choices }) };
      });
    const first = (field: OrderField): number => (field.need === 'required' ? 0 : 1);
    return [{ do: name, about: description ?? name, fields: fields.toSorted((a, b) => first(a) - first(b)) }];
  });
}

function typeOf(type: string | undefined): OrderField['type'] {
  if (type === 'integer' || type === 'number') return 'number';
  if (type === 'boolean') return 'yes-no';
  return type === 'string' ? 'text' : 'other';
}

/** As an order is typed, and what it does: `{"do":"slow","bytesPerSecond":1}  reads no faster than this`. */
export function orderLine({ do: name, about, fields }: OrderText): string {
  const field = ({ name: key, type, choices }: OrderField): string =>
    `${JSON.stringify(key)}:${choices === undefined ? (type === 'number' ? '1' : type === 'yes-no' ? 'true' : '"…"') : choices.map((one) => JSON.stringify(one)).join('|')}`;
  const needed = fields.filter(({ need }) => need === 'required').map((one) => `,${field(one)}`);
  const optional = fields.filter(({ need }) => need === 'optional').map((one) => `[,${field(one)}]`);
  return `{"do":${JSON.stringify(name)}${needed.join('')}${optional.join('')}}  ${about}`;
}
