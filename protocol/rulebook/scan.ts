import { failure, ok, type Failure, type Result } from '../result/result.js';
import type { DepartmentCode } from '../identity/identity.js';
import type { RuleBook, Service } from './rulebook.js';

export type ScannedBill = { readonly service: Service; readonly consumer: string };

/** Finds the one service whose bill code pattern fits a scanned text. */
export function readBillCode(book: RuleBook, text: string): Result<ScannedBill, Failure<'unknown-code' | 'ambiguous-code'>> {
  const fits: ScannedBill[] = [];
  for (const service of book.services) {
    const consumer = service.scan === undefined ? undefined : new RegExp(`^(?:${service.scan})$`, 'u').exec(text)?.groups?.['consumer'];
    if (consumer !== undefined) fits.push({ service, consumer });
  }
  const [first, second] = fits;
  if (first === undefined) return failure('unknown-code', 'no service knows this code');
  if (second !== undefined) return failure('ambiguous-code', `services ${first.service.code} and ${second.service.code} both claim this code`);
  return ok(first);
}

/** Trims and upper-cases what was typed, then holds it against the field's pattern. */
export function readConsumer(service: Service, text: string): Result<string, Failure<'missing' | 'malformed'>> {
  const tidy = text.replaceAll(/\s+/gu, '').toUpperCase();
  const field = service.fields[0];
  if (tidy === '') return failure('missing', 'nothing was typed');
  if (field === undefined || !new RegExp(`^(?:${field.pattern})$`, 'u').test(tidy))
    return failure('malformed', `expected such as ${field?.example ?? ''}`);
  return ok(tidy);
}

/** A consumer number as one of a department's own services takes it, for what is kept about a person and not about a bill. */
export function readConsumerOf(
  book: RuleBook,
  department: DepartmentCode,
  text: string,
): Result<string, Failure<'department-unknown' | 'missing' | 'malformed'>> {
  const services = book.services.filter((service) => service.department === department);
  if (services.length === 0)
    return failure(
      'department-unknown',
      `no service of the rule book is of ${department}; there are ${[...new Set(book.services.map((s) => s.department))].join(', ')}`,
    );
  const read = services.map((service) => readConsumer(service, text));
  return read.find(({ ok: fits }) => fits) ?? failure('malformed', `"${text}" is no consumer number of ${department}: ${examples(services)}`);
}

function examples(services: readonly Service[]): string {
  return `such as ${services.map(({ fields }) => fields[0]?.example ?? '').join(' or ')}`;
}
