import type { Ems } from '../../raster/words.js';

export type Pins = 9 | 24;

/** Where a dot-matrix printer can put dots. Its pitch differs across and down, so pictures are drawn for it and not scaled to it. */
export type Grid = {
  readonly pins: Pins;
  readonly dotsAcrossAnInch: 180 | 120;
  /** Also the unit of ESC J. */
  readonly rowsAnInch: 180 | 216;
  /** The mode of ESC *: 39 is 180 dots an inch on 24 pins, 1 is 120 on 8 of the 9. */
  readonly pictureMode: 39 | 1;
  readonly rowsAPass: 24 | 8;
  /** Passes that lie between each other, one row apart: the 9 pins stand three rows apart. */
  readonly passes: 1 | 3;
  readonly ems: Ems;
  /** Side of a QR module as a part of an inch: pins are blunt, so it is larger than on thermal paper. */
  readonly modulesAnInch: number;
};

/** 24 pins: 10 points and 14 points. */
const FINE: Grid = {
  pins: 24,
  dotsAcrossAnInch: 180,
  rowsAnInch: 180,
  pictureMode: 39,
  rowsAPass: 24,
  passes: 1,
  ems: { across: { normal: 25, bold: 25, large: 35 }, down: { normal: 25, bold: 25, large: 35 } },
  modulesAnInch: 45,
};

/** 9 pins: 11 points and 15 points, a little larger because the pins are. */
const COARSE: Grid = {
  pins: 9,
  dotsAcrossAnInch: 120,
  rowsAnInch: 216,
  pictureMode: 1,
  rowsAPass: 8,
  passes: 3,
  ems: { across: { normal: 18, bold: 18, large: 25 }, down: { normal: 33, bold: 33, large: 45 } },
  modulesAnInch: 30,
};

export function gridOf(pins: Pins): Grid {
  return pins === 24 ? FINE : COARSE;
}
