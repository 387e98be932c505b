import type { RenderChart } from '../../lib/chart.ts';
import { explain } from '../../lib/errors.ts';
import { fileName } from '../../lib/fileText.ts';
import type { Logger } from '../../lib/logger.ts';
import type { View } from '../../lib/view.ts';
import { renderDiscord } from './render.ts';

/** Something that is attached; `description` is what screen readers say. */
interface Attachment {
  attachment: Buffer;
  name: string;
  description?: string;
}

/** A View as discord.js sends it in an answer: picture and file attached, old attachments dropped, nobody mentioned. */
export async function bodyOf(view: View, tools: { renderChart: RenderChart; logger: Logger }) {
  const { embeds, components, chart } = renderDiscord(view);
  const picture = chart === null ? null : await draw(chart, tools);
  const shown = picture === null ? embeds.map(({ image: _, ...embed }) => embed) : embeds;
  return {
    embeds: shown,
    components,
    files: attachmentsOf(view, picture),
    attachments: [],
    allowedMentions: { parse: [] },
  };
}

function attachmentsOf({ chart, file }: View, picture: Buffer | null): Attachment[] {
  const description = chart?.alt.slice(0, 1024) ?? '';
  return [
    ...(picture === null ? [] : [{ attachment: picture, name: 'chart.png', description }]),
    ...(file === undefined ? [] : [{ attachment: Buffer.from(file.text), name: fileName(file.name) }]),
  ];
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
