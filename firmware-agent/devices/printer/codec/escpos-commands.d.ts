/** The parts we use of npm `escpos` 2.5.2, which has no types: its table of command bytes, one character a byte. */
declare module 'escpos/commands.js' {
  const commands: {
    readonly DLE: string;
    readonly EOT: string;
    readonly ESC: string;
    readonly GS: string;
    readonly NUL: string;
    readonly HARDWARE: { readonly HW_INIT: string };
    readonly CASH_DRAWER: { readonly CD_KICK_2: string; readonly CD_KICK_5: string };
    readonly PAPER: { readonly PAPER_CUT_A: string; readonly PAPER_CUT_B: string };
    readonly TEXT_FORMAT: { readonly TXT_ALIGN_LT: string };
    readonly GSV0_FORMAT: { readonly GSV0_NORMAL: string };
  };
  export = commands;
}
