/**
 * What a strip of paper carries, before it is dots: the door between the receipt's layout (protocol) and the printer's
 * driver (firmware-agent). Text may be in any script; the driver rasters every line that is not plain ASCII.
 */
export type PaperLine =
  | { readonly kind: 'text'; readonly text: string; readonly align: 'left' | 'centre'; readonly weight: 'normal' | 'bold' | 'large' }
  /** A label at the left edge and a value at the right edge; wraps the label, never the value. */
  | { readonly kind: 'pair'; readonly left: string; readonly right: string; readonly weight: 'normal' | 'bold' | 'large' }
  | { readonly kind: 'rule' }
  | { readonly kind: 'qr'; readonly text: string }
  | { readonly kind: 'feed'; readonly lines: number };

export type PaperWidth = '58mm' | '80mm';

/** Dots across the print head at 203 dpi (8 dots/mm): 48 mm and 72 mm printable. */
export const PAPER_DOTS: Readonly<Record<PaperWidth, number>> = { '58mm': 384, '80mm': 576 };
