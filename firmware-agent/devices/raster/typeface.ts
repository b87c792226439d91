import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Blob, Buffer as ShapingBuffer, Direction, Face, Font, shape } from 'harfbuzzjs';
import { unreachable } from '#protocol/result/result.js';
import { readOutline, type Outline } from './outline.js';

export type Weight = 'normal' | 'bold' | 'large';

/** A glyph where shaping put it, in font units from the start of the run; y upwards. */
export type PlacedGlyph = { readonly id: number; readonly x: number; readonly y: number };
export type ShapedRun = { readonly glyphs: readonly PlacedGlyph[]; readonly advance: number };

/** One cut of the font: shapes text and gives outlines. `unitsPerEm` scales both to dots. */
export type Typeface = {
  readonly unitsPerEm: number;
  readonly covers: (codePoint: number) => boolean;
  readonly shape: (run: string, script: Script) => ShapedRun;
  readonly outline: (glyph: number) => Outline;
};

/** The scripts that one shaping run may have (ISO 15924 code, as HarfBuzz takes it). */
export type Script = 'Deva' | 'Latn';

type Cut = '500Medium' | '700Bold';

/**
 * Noto Sans Devanagari from npm: one TrueType file with Devanagari, Latin, digits and the rupee sign, so a line never changes font.
 * Debian's build of the same family has no Latin letters. Medium is the normal weight because thin strokes fade on thermal paper.
 */
function fontFile(cut: Cut): string {
  const face = cut === '500Medium' ? '500Medium/NotoSansDevanagari_500Medium.ttf' : '700Bold/NotoSansDevanagari_700Bold.ttf';
  return fileURLToPath(import.meta.resolve(`@expo-google-fonts/noto-sans-devanagari/${face}`));
}

const opened = new Map<Cut, Typeface>();

/** Reading and parsing a font takes some 10 ms, and its content never changes: each is opened once in a process. */
export function typefaceOf(weight: Weight): Typeface {
  const cut = cutOf(weight);
  const known = opened.get(cut);
  if (known !== undefined) return known;
  const fresh = openTypeface(fontFile(cut));
  opened.set(cut, fresh);
  return fresh;
}

function cutOf(weight: Weight): Cut {
  switch (weight) {
    case 'normal':
      return '500Medium';
    case 'bold':
    case 'large':
      return '700Bold';
    default:
      return unreachable(weight);
  }
}

function openTypeface(file: string): Typeface {
  const face = new Face(new Blob(readFileSync(file)), 0);
  const font = new Font(face);
  const unicodes = new Set(face.collectUnicodes());
  const outlines = new Map<number, Outline>();
  // One buffer for all runs: each new one would hold its memory until the collector happens to come by.
  const buffer = new ShapingBuffer();
  return {
    unitsPerEm: face.upem,
    covers: (codePoint) => unicodes.has(codePoint),
    shape: (run, script) => shapeRun(font, buffer, run, script),
    outline(glyph) {
      const known = outlines.get(glyph);
      if (known !== undefined) return known;
      const fresh = readOutline(font.glyphToPath(glyph));
      outlines.set(glyph, fresh);
      return fresh;
    },
  };
}

function shapeRun(font: Font, buffer: ShapingBuffer, run: string, script: Script): ShapedRun {
  buffer.reset();
  buffer.addText(run);
  buffer.setDirection(Direction.LTR);
  buffer.setScript(script);
  buffer.setLanguage(script === 'Deva' ? 'hi' : 'en');
  shape(font, buffer);
  const glyphs: PlacedGlyph[] = [];
  let pen = 0;
  for (const { codepoint, xAdvance = 0, xOffset = 0, yOffset = 0 } of buffer.getGlyphInfosAndPositions()) {
    glyphs.push({ id: codepoint, x: pen + xOffset, y: yOffset });
    pen += xAdvance;
  }
  return { glyphs, advance: pen };
}
