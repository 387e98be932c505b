import { afterAll, beforeAll, expect, test } from 'vitest';
import type { View } from '../src/lib/view.ts';
import { startWorld, type World } from './devnet/world.ts';
import { type AssayProcess, runAssay, spawnAssay } from './rigs/assayProcess.ts';
import { RPC_FAULTS } from './rigs/rpcProxy.ts';

let world: World;
let bot: AssayProcess;
let port: string;

// One bot at work on a real chain; other processes ask beside it, from the same database.
beforeAll(async () => {
  world = await startWorld({ gateways: 2, startSeconds: Math.floor(Date.now() / 1000) - 600 });
  world.network.run(1, 200);
  bot = spawnAssay(['start'], { ...world.env, HTTP_PORT: '0', LOG_LEVEL: 'info' }, world.folder, { limitMs: null });
  port = (await bot.printed(/"httpPort":(\d+),"msg":"ready"/))[1] as string;
});
afterAll(async () => {
  bot.signal('SIGTERM');
  await bot.ended;
  await world.close();
});

const ask = (...words: string[]) => runAssay(['ask', ...words], asking(), world.folder);

/** What a question needs to know: the database, and the network whose facts it is to be answered from. */
const asking = (): Record<string, string> => {
  const { DATABASE_URL, OG_TEE_REGISTRY, OG_CHAIN_ID } = world.env as Record<string, string>;
  return { DATABASE_URL, OG_TEE_REGISTRY, OG_CHAIN_ID } as Record<string, string>;
};

test('assay ask "/network": what a person reads, with its age and its source', async () => {
  const { code, stdout, stderr } = await ask('/network');
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^== OpenGradient network$/m);
  expect(stdout).toMatch(/of 2 nodes ok/);
  expect(stdout).toMatch(/^ {2}as of \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC \((now|.* ago)\)$/m);
  expect(stdout).toMatch(/^ {2}from TEERegistry 0x.* chain 10740/m);
  // Not a terminal: no colours.
  expect(stdout).not.toContain('\u001b');
});

test('--json is the View itself, and nothing else on stdout', async () => {
  const { code, stdout } = await ask('--json', '/network');
  expect(code).toBe(0);
  const view = JSON.parse(stdout) as View;
  expect(view).toMatchObject({ title: 'OpenGradient network', tone: expect.stringMatching(/^(ok|degraded)$/) });
  expect(Math.abs((view.asOf ?? 0) - Date.now() / 1000)).toBeLessThan(60);
  expect(view.sources.join()).toContain(world.network.chain.registry.slice(0, 8));
});

test('a question may come in one word or many, and names a node by the beginning of its id', async () => {
  const { teeId } = world.network.find('birch');
  const [one, many] = await Promise.all([
    ask('--json', `/node status ${teeId.slice(0, 14)}`),
    ask('--json', 'node', 'status', teeId.slice(0, 14)),
  ]);
  const views = [one, many].map(({ stdout }) => JSON.parse(stdout) as View);
  expect(views[0]?.title).toBe(views[1]?.title);
  expect(JSON.stringify(views[0])).toContain(world.network.find('birch').endpoint.replace('https://', ''));
});

test('nodes of another registry than the configured one are none of its nodes', async () => {
  const OG_TEE_REGISTRY = `0x${'9'.repeat(40)}`;
  const { stdout } = await runAssay(['ask', '/network'], { ...asking(), OG_TEE_REGISTRY }, world.folder);
  expect(stdout).toContain('has not been read');
  expect(stdout).not.toMatch(/nodes ok/);
});

test('before the registry was ever read the answer says so, and is no failure of the command', async () => {
  const { code, stdout } = await runAssay(
    ['ask', '--json', '/network'],
    { DATABASE_URL: `file:${world.folder}/empty.db` },
    world.folder,
  );
  const view = JSON.parse(stdout) as View;
  expect([code, view.tone]).toEqual([0, 'unknown']);
});

test('/healthz of the working bot: 200, each source with its state, nothing waiting', async () => {
  const answer = await fetch(`http://127.0.0.1:${port}/healthz`);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({
    ok: true,
    sources: expect.arrayContaining([{ source: 'opengradient.registry', state: 'fresh' }]),
    backlog: { count: 0, oldestAtMs: null },
  });
});

test('a registry that cannot be read is told by /healthz, which stays 200: killing the bot would not help', async () => {
  world.rpc.inject('*', RPC_FAULTS.serverError);
  const health = async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`);
    return { status: answer.status, body: await answer.text() };
  };
  for (const end = Date.now() + 15_000; Date.now() < end; ) {
    const { status, body } = await health();
    expect(status).toBe(200);
    if (/"opengradient.registry","state":"failing"/.test(body)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the failure was never told');
});
