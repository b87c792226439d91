import { quoted, wordsOf } from '../codec.js';
import type { Battery } from './battery.js';

export type UpsdFault = 'none' | 'stale' | 'silent' | 'half' | 'garble';
export type UpsdAnswer = { readonly text: string; readonly line: 'open' | 'closing' };

export type UpsdPlan = {
  readonly battery: Battery;
  readonly flags: ReadonlySet<string>;
  readonly fault: () => UpsdFault;
  readonly others: readonly string[];
};

export const UPS_NAME = 'counter';
const PASSWORD = 'counter';
const LOW_PERCENT = 20;

/** The commands of upsd that clients use (RFC 9271), over a virtual battery. */
export class Upsd {
  private readonly plan: UpsdPlan;
  private readonly loggedIn = new Set<Session>();

  constructor(plan: UpsdPlan) {
    this.plan = plan;
  }

  get logins(): number {
    return this.loggedIn.size;
  }

  get fault(): UpsdFault {
    return this.plan.fault();
  }

  get names(): readonly string[] {
    return [UPS_NAME, ...this.plan.others];
  }

  session(): Session {
    return new Session(this);
  }

  logIn(session: Session): void {
    this.loggedIn.add(session);
  }

  logOut(session: Session): void {
    this.loggedIn.delete(session);
  }

  variables(): Readonly<Record<string, string>> {
    const { chargePercent, runtimeSeconds } = this.plan.battery;
    return {
      'battery.charge': String(Math.round(chargePercent)),
      'battery.charge.low': String(LOW_PERCENT),
      'battery.runtime': String(runtimeSeconds),
      'device.type': 'ups',
      'ups.load': '23',
      'ups.mfr': 'Jharokha "virtual" \\ UPS',
      'ups.model': 'VU-600',
      'ups.status': this.status(),
    };
  }

  private status(): string {
    const { battery, flags } = this.plan;
    const mains = battery.mains === 'on' ? ['OL', ...(battery.chargePercent < 100 ? ['CHRG'] : [])] : ['OB', 'DISCHRG'];
    const low = battery.chargePercent < LOW_PERCENT ? ['LB'] : [];
    return flags.has('WAIT') ? 'WAIT' : [...mains, ...low, ...flags].join(' ');
  }
}

/** One client. */
export class Session {
  private readonly upsd: Upsd;
  private username: string | undefined;
  private password: string | undefined;

  constructor(upsd: Upsd) {
    this.upsd = upsd;
  }

  end(): void {
    this.upsd.logOut(this);
  }

  answer(line: string): UpsdAnswer {
    const { fault } = this.upsd;
    if (fault === 'silent') return { text: '', line: 'open' };
    if (fault === 'garble') return { text: 'VAR \u0000 "unclosed\n\\', line: 'open' };
    const [verb = '', ...rest] = wordsOf(line) ?? [];
    if (verb === 'LOGOUT') return { text: 'OK Goodbye\n', line: 'closing' };
    const lines = this.perform(verb, rest);
    const shown = fault === 'half' && lines.length > 1 ? lines.slice(0, Math.ceil(lines.length / 2)) : lines;
    return { text: shown.map((one) => `${one}\n`).join(''), line: 'open' };
  }

  private perform(verb: string, rest: readonly string[]): readonly string[] {
    switch (verb) {
      case 'VER':
        return ['Network UPS Tools upsd 2.8.0 - virtual'];
      case 'NETVER':
      case 'PROTVER':
        return ['1.3'];
      case 'HELP':
        return ['Commands: HELP VER GET LIST SET INSTCMD LOGIN LOGOUT USERNAME PASSWORD STARTTLS'];
      case 'STARTTLS':
        return ['ERR FEATURE-NOT-CONFIGURED'];
      case 'LIST':
        return this.list(rest);
      case 'GET':
        return [this.get(rest)];
      case 'USERNAME':
      case 'PASSWORD':
      case 'LOGIN':
        return [this.identify(verb, rest)];
      default:
        return ['ERR UNKNOWN-COMMAND'];
    }
  }

  private list([what, ups = '']: readonly string[]): readonly string[] {
    if (what === 'UPS') return ['BEGIN LIST UPS', ...this.upsd.names.map((name) => `UPS ${name} ${quoted('a virtual UPS')}`), 'END LIST UPS'];
    if (what !== 'VAR') return ['ERR INVALID-ARGUMENT'];
    const refusal = this.refusal(ups);
    if (refusal !== undefined) return [refusal];
    const rows = Object.entries(this.upsd.variables()).map(([name, value]) => `VAR ${ups} ${name} ${quoted(value)}`);
    return [`BEGIN LIST VAR ${ups}`, ...rows, `END LIST VAR ${ups}`];
  }

  private get([what, ups = '', variable = '']: readonly string[]): string {
    const refusal = this.refusal(ups);
    if (what === 'NUMLOGINS') return refusal ?? `NUMLOGINS ${ups} ${this.upsd.logins}`;
    if (what === 'UPSDESC') return refusal ?? `UPSDESC ${ups} ${quoted('a virtual UPS')}`;
    if (what !== 'VAR') return 'ERR INVALID-ARGUMENT';
    if (refusal !== undefined) return refusal;
    const value = this.upsd.variables()[variable];
    return value === undefined ? 'ERR VAR-NOT-SUPPORTED' : `VAR ${ups} ${variable} ${quoted(value)}`;
  }

  private refusal(ups: string): string | undefined {
    if (!this.upsd.names.includes(ups)) return 'ERR UNKNOWN-UPS';
    return ups !== UPS_NAME || this.upsd.fault === 'stale' ? 'ERR DATA-STALE' : undefined;
  }

  private identify(verb: 'USERNAME' | 'PASSWORD' | 'LOGIN', [word]: readonly string[]): string {
    if (word === undefined) return 'ERR INVALID-ARGUMENT';
    if (verb === 'USERNAME') {
      if (this.username !== undefined) return 'ERR ALREADY-SET-USERNAME';
      this.username = word;
      return 'OK';
    }
    if (verb === 'PASSWORD') {
      if (this.password !== undefined) return 'ERR ALREADY-SET-PASSWORD';
      this.password = word;
      return 'OK';
    }
    if (this.username === undefined) return 'ERR USERNAME-REQUIRED';
    if (this.password === undefined) return 'ERR PASSWORD-REQUIRED';
    if (!this.upsd.names.includes(word)) return 'ERR UNKNOWN-UPS';
    if (this.username !== UPS_NAME || this.password !== PASSWORD) return 'ERR ACCESS-DENIED';
    this.upsd.logIn(this);
    return 'OK';
  }
}
