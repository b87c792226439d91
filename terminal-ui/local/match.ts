import type { ServiceView } from '#protocol/counter/view.js';

function wordsOf(service: ServiceView): readonly string[] {
  const names = [service.name.en, service.name.hi, service.department.en, service.department.hi, ...service.aliases];
  return names.flatMap((name) => name.toLowerCase().split(/[\s/().,-]+/u));
}

/**
 * The services that what was typed can mean: by the start of the code, or by the starts of words of the name, the department and the aliases
 * (English, Hindi, Hindi in Latin letters). All of them when nothing is typed. Codes first, otherwise in the order of the rule book.
 */
export function matchServices(services: readonly ServiceView[], typed: string): readonly ServiceView[] {
  const wanted = typed
    .toLowerCase()
    .split(/\s+/u)
    .filter((word) => word !== '');
  const [only] = wanted;
  if (only === undefined) return services;
  const byCode = wanted.length === 1 ? services.filter((service) => service.code.startsWith(only)) : [];
  const byWord = services.filter((service) => {
    const words = wordsOf(service);
    return wanted.every((start) => words.some((word) => word.startsWith(start)));
  });
  return [...byCode, ...byWord.filter((service) => !byCode.includes(service))];
}
