import type { CounterCommand } from '#protocol/counter/command.js';
import type { Problem } from '#protocol/counter/problem.js';
import type { Language, OperatorLogin } from '#protocol/identity/identity.js';
import type { Paise } from '#protocol/money/paise.js';
import type { Result } from '#protocol/result/result.js';
import type { Service } from '#protocol/rulebook/rulebook.js';
import type { ScanEvent } from '../devices/ports.js';
import type { SaleRow } from '../ledger/sales.js';
import type { FormsTyped } from './forms.js';
import type { Power } from './gates.js';
import type { Offer } from './offer.js';
import type { PaperResult } from './paper.js';
import type { Recovered } from './recovery.js';
import type { Secured } from './secure.js';

/** A command of the operator, as an event: its name is the command's. */
export type CommandEvent = { readonly type: 'COMMAND'; readonly command: CounterCommand };
/** The events that the charts know by command. */
export type ServiceEvent =
  | { readonly type: 'CHOOSE'; readonly code: string }
  | { readonly type: 'GIVE_CONSUMER'; readonly consumer: string }
  | { readonly type: 'PAY_PART'; readonly amount: string }
  | { readonly type: 'AGREE' }
  | { readonly type: 'SAY_AMOUNT' }
  | { readonly type: 'WITNESS'; readonly witness: string }
  | { readonly type: 'TAKE_CASH'; readonly received: string }
  | { readonly type: 'BACK' }
  | { readonly type: 'CONFIRM' }
  | { readonly type: 'PRINT_NOW' }
  | { readonly type: 'PRINT_LATER' }
  | { readonly type: 'IT_PRINTED' }
  | { readonly type: 'SHOW_RECEIPTS' }
  | { readonly type: 'REPRINT'; readonly receipt: string }
  | { readonly type: 'PAPER_SEEN'; readonly receipt: string }
  | { readonly type: 'SHOW_QUEUE' }
  | { readonly type: 'TRY_LINK' }
  | { readonly type: 'SHOW_STOCK' }
  | { readonly type: 'NOTE_FORMS'; readonly forms: FormsTyped }
  | { readonly type: 'START_CLOSING' }
  | { readonly type: 'LOG_OUT' }
  | { readonly type: 'LANGUAGE'; readonly language: Language }
  | { readonly type: 'SCANNED'; readonly scan: ScanEvent }
  /** The battery is nearly empty; the mains are back. */
  | { readonly type: 'REST' }
  | { readonly type: 'WAKE' }
  /** The printer is well again. */
  | { readonly type: 'PRINTER_WELL' };

/** What the service chart does to the world; every call is bounded in time and tells failure as a value. */
export type ServicePorts = {
  readonly recover: () => Recovered;
  /** Why no new payment may begin now; null when one may. */
  readonly beginProblem: (power: Power) => Problem | null;
  /** Reads the amount to the citizen where there is a speaker; never waited for. */
  readonly sayAmount: (offer: Offer, language: Language) => void;
  /** Where there is a drawer: cash goes in or out. Never waited for. */
  readonly openDrawer: () => void;
  readonly findService: (code: string) => Service | undefined;
  readonly readScan: (scan: ScanEvent) => Result<{ readonly service: Service; readonly consumer: string }, Problem>;
  readonly readConsumer: (service: Service, text: string) => Result<string, Problem>;
  readonly makeOffer: (service: Service, consumer: string, operator: OperatorLogin) => Promise<Result<Offer, Problem>>;
  readonly makePartOffer: (offer: Offer, amount: string, operator: OperatorLogin) => Result<Offer, Problem>;
  readonly abandon: (offer: Offer, reason: 'operator' | 'not-secured', operator: OperatorLogin) => void;
  /** Whether the person must still show that they are here. */
  readonly needsPresence: (offer: Offer) => boolean;
  /** One press, written down whatever comes of it; ends soon after `signal` aborts. */
  readonly askPresence: (offer: Offer, operator: OperatorLogin, signal: AbortSignal) => Promise<Result<void, Problem>>;
  readonly takeWitness: (offer: Offer, witness: string, operator: OperatorLogin) => Result<void, Problem>;
  /** `asked`: what the screen shows now; a sum with very much change is taken when it is given a second time. */
  readonly readCash: (offer: Offer, text: string, asked: Problem | null) => Result<Paise, Problem>;
  readonly secure: (offer: Offer) => Promise<Result<Secured, Problem>>;
  readonly commit: (offer: Offer, secured: Secured, received: Paise, operator: OperatorLogin) => Result<SaleRow, Problem>;
  readonly awaitOutcome: (sale: SaleRow) => Promise<SaleRow>;
  readonly print: (sale: SaleRow, language: Language, operator: OperatorLogin) => Promise<PaperResult>;
  readonly sawItPrinted: (sale: SaleRow, operator: OperatorLogin) => Result<void, Problem>;
  readonly giveBack: (sale: SaleRow, operator: OperatorLogin) => Result<void, Problem>;
  /** The department refused it and the cash is still here. */
  readonly isRefused: (sale: SaleRow) => boolean;
  readonly findReceipt: (receipt: string) => SaleRow | undefined;
  readonly tryLinkNow: () => void;
  /** Pre-printed forms loaded or spoilt. */
  readonly noteForms: (typed: FormsTyped, operator: OperatorLogin) => Result<void, Problem>;
  readonly now: () => number;
};
