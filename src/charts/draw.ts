import { createRequire } from 'node:module';
import { Resvg } from '@resvg/resvg-js';
import { init } from 'echarts';
import type { Chart } from '../lib/chart.ts';
import { chartOption, HEIGHT, WIDTH } from './option.ts';

const require = createRequire(import.meta.url);

/** Slim images have no fonts: without these the text would vanish. */
const FONTS = ['400Regular/Inter_400Regular.ttf', '700Bold/Inter_700Bold.ttf'].map((file) =>
  require.resolve(`@expo-google-fonts/inter/${file}`),
);

/** The chart as PNG bytes. Takes tens of milliseconds of the thread it runs in. */
export function drawChart(chart: Chart): Uint8Array {
  const drawing = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height: HEIGHT });
  try {
    drawing.setOption(chartOption(chart));
    const svg = drawing.renderToSVGString();
    const font = { fontFiles: FONTS, loadSystemFonts: false, defaultFontFamily: 'Inter' };
    return new Resvg(svg, { font }).render().asPng();
  } finally {
    // An undisposed chart keeps a timer, and with it the process, alive.
    drawing.dispose();
  }
}
