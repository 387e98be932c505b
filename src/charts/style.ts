import { cleanText } from '../lib/units.ts';

/** Okabe and Ito's palette: told apart by people who see colours differently, and on the grey of a phone outdoors. */
export const COLORS = ['#0072B2', '#D55E00', '#009E73', '#CC79A7'];

export const INK = '#1f2933';
export const FAINT = '#9aa5b1';
export const NO_DATA = '#e4e7eb';

/** Sized for a picture that is shown a third as wide on a phone. */
export const FONT = { title: 38, subtitle: 26, axis: 26, legend: 26, small: 22 };

/**
 * Text from the chain: no control characters, and none of the braces that ECharts reads as styling. Zrender caches by text
 * in a plain object: the name of a member of Object.prototype would change that for every later picture.
 */
export function plain(text: string, max: number): string {
  const clean = cleanText(text, max).replace(/[{}|]/g, ' ');
  return clean in Object.prototype ? `${clean} ` : clean;
}
