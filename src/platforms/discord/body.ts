import type { RenderChart } from '../../lib/chart.ts';
import { explain } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { View } from '../../lib/view.ts';
import { renderDiscord } from './render.ts';

/** A View as discord.js sends it in an answer: the picture drawn, old attachments dropped, nobody mentioned. */
export async function bodyOf(view: View, tools: { renderChart: RenderChart; logger: Logger }) {
  const { embeds, components, chart } = renderDiscord(view);
  const picture = chart === null ? null : await draw(chart, tools);
  const shown = picture === null ? embeds.map(({ image: _, ...embed }) => embed) : embeds;
  return {
    embeds: shown,
    components,
    files:
      picture === null
        ? []
        : [{ attachment: picture, name: 'chart.png', description: chart?.alt.slice(0, 1024) ?? '' }],
    attachments: [],
    allowedMentions: { parse: [] },
  };
}

/** An answer without its picture is better than none. */
async function draw(
  chart: NonNullable<View['chart']>,
  { renderChart, logger }: { renderChart: RenderChart; logger: Logger },
): Promise<Buffer | null> {
  try {
    return Buffer.from(await renderChart(chart));
  } catch (error) {
    logger.error({ cause: explain(error) }, 'a chart could not be drawn');
    return null;
  }
}
