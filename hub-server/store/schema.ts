import { PEOPLE_AND_KIOSKS_MIGRATION } from '../kiosks/enrolment/migration.js';
import { LINK_MIGRATION } from '../kiosks/link/migration.js';
import { DEPARTMENTS_MIGRATION } from '../services/migration.js';
import { OPERATOR_KEYS_MIGRATION } from '../people/operator-keys-migration.js';
import { BOOKS_MIGRATION } from './books-schema.js';
import type { Migration } from './migrations.js';

/** Every schema step of the hub's store, in order. To add tables, write `<room>-schema.ts` and append it here with the next number. */
export const HUB_MIGRATIONS: readonly Migration[] = [
  BOOKS_MIGRATION,
  PEOPLE_AND_KIOSKS_MIGRATION,
  DEPARTMENTS_MIGRATION,
  LINK_MIGRATION,
  OPERATOR_KEYS_MIGRATION,
];
