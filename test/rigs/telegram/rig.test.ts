import { afterAll, beforeAll, expect, test } from 'vitest';
import { clickableIn } from './clickable.ts';
import { parseHtml } from './html.ts';
import { startTelegramRig, type TelegramRig } from './rig.ts';
import type { RigChat } from './world.ts';

let rig: TelegramRig;
let chat: RigChat;

beforeAll(async () => {
  rig = await startTelegramRig();
  chat = rig.chats.supergroup('G', ['T']);
});

afterAll(() => rig.close());

async function call(method: string, parameters: Record<string, unknown>, token = rig.token) {
  const answer = await fetch(`${rig.apiRoot}/bot${token}/${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(parameters),
  });
  return [answer.status, ((await answer.json()) as { description?: string }).description];
}

const send = (more: Record<string, unknown>) =>
  call('sendMessage', { chat_id: chat.id, text: 'x', parse_mode: 'HTML', ...more });
const keyboard = (button: Record<string, unknown>) => ({
  reply_markup: { inline_keyboard: [[{ text: 'b', ...button }]] },
});

test.each<[string, Record<string, unknown>, RegExp]>([
  ['a text of 4097', { text: 'x'.repeat(4097) }, /^Bad Request: message is too long$/],
  ['markup that shows nothing', { text: '<b> </b>' }, /message text is empty/],
  ['an open tag', { text: '<b>x' }, /can't parse entities: Can't find end tag corresponding to start tag "b"/],
  ['an unknown tag', { text: 'é<p>x</p>' }, /Unsupported start tag "p" at byte offset 2/],
  ['a bare <', { text: 'a < b' }, /can't parse entities/],
  [
    'tags that cross',
    { text: '<b><i>x</b></i>' },
    /Unmatched end tag at byte offset 7, expected "<\/i>", found "<\/b>"/,
  ],
  ['an end without a start', { text: 'x</b>' }, /Unexpected end tag at byte offset 1/],
  ['an attribute without a name', { text: '<a ="x">y</a>' }, /Empty attribute name/],
  ['a span of another class', { text: '<span class="x">y</span>' }, /must have class "tg-spoiler"/],
  ['an unknown chat', { chat_id: 1 }, /^Bad Request: chat not found$/],
  ['an unknown topic', { message_thread_id: 77 }, /message thread not found/],
  ['65 bytes behind a button', keyboard({ callback_data: 'é'.repeat(33) }), /BUTTON_DATA_INVALID/],
  ['a button without an action', keyboard({}), /Text buttons are unallowed/],
  ['a reply to nothing', { reply_parameters: { message_id: 999 } }, /message to be replied not found/],
])('refuses %s', async (_, parameters, description) => {
  expect(await send(parameters)).toEqual([400, expect.stringMatching(description)]);
});

test('takes what is just within the limits', async () => {
  expect(await send({ text: `<b>${'x'.repeat(4096)}</b>` })).toEqual([200, undefined]);
  expect(await send(keyboard({ callback_data: 'é'.repeat(32) }))).toEqual([200, undefined]);
  expect(await send({ reply_parameters: { message_id: 999, allow_sending_without_reply: true } })).toEqual([
    200,
    undefined,
  ]);
});

test('knows its token, its methods and who may write', async () => {
  expect(await call('getMe', {}, '1:wrong')).toEqual([401, 'Unauthorized']);
  expect(await call('getMe', {}, 'nonsense')).toEqual([404, 'Not Found']);
  expect(await call('sendVideo', {})).toEqual([404, 'Not Found']);
  expect(await call('sendPhoto', { chat_id: chat.id, caption: 'x'.repeat(1025), photo: 'attach://p' })).toEqual([
    400,
    'Bad Request: message caption is too long',
  ]);
  const home = rig.chats.private(rig.user('Ann'));
  const hello = { chat_id: home.id, text: 'x' };
  expect(await call('sendMessage', hello)).toEqual([403, "Forbidden: bot can't initiate conversation with a user"]);
  home.started = true;
  rig.member(home, rig.bot, 'kicked');
  expect(await call('sendMessage', hello)).toEqual([403, 'Forbidden: bot was blocked by the user']);
  home.deactivated = true;
  expect(await call('sendMessage', hello)).toEqual([403, 'Forbidden: user is deactivated']);
});

test('a second poll ends the first one with 409', async () => {
  const first = call('getUpdates', { offset: 1e9, timeout: 30 });
  await rig.until(() => rig.polling().open);
  const second = call('getUpdates', { offset: 1e9, timeout: 30 });
  expect(await first).toEqual([409, expect.stringContaining('terminated by other getUpdates request')]);
  rig.sendText(chat, rig.user('Ann'), 'hi');
  expect(await second).toEqual([200, undefined]);
});

test('a group has twenty messages a minute when limits are on', async () => {
  let now = 1e12;
  const strict = await startTelegramRig({ now: () => now });
  strict.flood.enabled = true;
  const group = strict.chats.group('G');
  const url = `${strict.apiRoot}/bot${strict.token}/sendMessage?`;
  const answers: unknown[] = [];
  for (let count = 0; count < 21; count++) {
    const body = new URLSearchParams({ chat_id: String(group.id), text: `n ${count}` });
    answers.push(await (await fetch(url, { method: 'POST', body })).json());
    now += 1_000;
  }
  await strict.close();
  expect(answers.slice(0, 20).every((answer) => (answer as { ok: boolean }).ok)).toBe(true);
  expect(answers[20]).toMatchObject({ ok: false, error_code: 429, parameters: { retry_after: 40 } });
});

test('text and entities come out as documented, in UTF-16 units', () => {
  expect(parseHtml(' 💥<b>a<i>&lt;b&gt;</i></b> <a href="https://x.example">y</a> &nbsp;<pre>@c</pre>')).toEqual({
    text: '💥a<b> y &nbsp;@c',
    entities: [
      { type: 'bold', offset: 2, length: 4 },
      { type: 'italic', offset: 3, length: 3 },
      { type: 'text_link', offset: 7, length: 1, url: 'https://x.example/' },
      { type: 'pre', offset: 15, length: 2 },
    ],
  });
});

test.each([
  '@ann',
  '/go',
  'x.io',
  'https://a.b/c',
  'tg://x',
  '#tag',
  '$BTC',
  'a@b.cd',
  '1.2.3.4',
  '+12025550123',
  'пример.рф',
])('an app would make %s tappable, unless it is code', (text) => {
  expect(clickableIn(`see ${text} now`, [])).not.toEqual([]);
  const { text: shown, entities } = parseHtml(`see <code>${text}</code> now`);
  expect(clickableIn(shown, entities)).toEqual([]);
});

test('a link to a person calls them, other links of Telegram’s own only lead there', () => {
  const entities = (href: string) => parseHtml(`<a href="${href}">x</a>`).entities;
  expect(entities('tg://user?id=42')).toEqual([{ type: 'text_mention', offset: 0, length: 1, user: 42 }]);
  expect(entities('tg://resolve?domain=x')).toMatchObject([{ type: 'text_link' }]);
});

test('a document is handed out to who knows the token, at the path that getFile names', async () => {
  const bytes = Buffer.from('{}');
  rig.sendText(chat, rig.user('Ann'), 'x', { document: { name: 'a.json', bytes } });
  const { id } = rig.messages(chat.id).at(-1) as { id: number };
  const answer = await fetch(`${rig.apiRoot}/bot${rig.token}/getFile?`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ file_id: `document:${chat.id}:${id}` }),
  });
  const { result } = (await answer.json()) as { result: { file_path: string; file_size: number } };
  expect(result.file_size).toBe(2);
  const at = (token: string, path: string) => fetch(`${rig.apiRoot}/file/bot${token}/${path}`);
  expect(await (await at(rig.token, result.file_path)).text()).toBe('{}');
  expect((await at('1:wrong', result.file_path)).status).toBe(404);
  expect((await at(rig.token, 'documents/none')).status).toBe(404);
  expect(await call('getFile', { file_id: 'nonsense' })).toEqual([400, 'Bad Request: invalid file_id']);
});
