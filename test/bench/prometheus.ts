import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const TEMPLATES = '/usr/share/prometheus/alertmanager';
const PACKAGES = ['prometheus', 'prometheus-alertmanager'];

/** As they come, and as quick as they can be set. */
export const SETTINGS = {
  defaults: { every: '1m', groupWait: '30s', groupInterval: '5m' },
  tightest: { every: '1s', groupWait: '0s', groupInterval: '1s' },
} as const;

/** Debian's packages, unpacked and not installed; null where they cannot be had. */
export function fetchPrometheus(): string | null {
  const folder = join(tmpdir(), 'assay-prometheus');
  const bin = join(folder, 'root/usr/bin');
  if (existsSync(join(bin, 'prometheus-alertmanager')) && existsSync(TEMPLATES)) return bin;
  try {
    mkdirSync(folder, { recursive: true });
    execFileSync('apt-get', ['download', ...PACKAGES], { cwd: folder, stdio: 'ignore' });
    const files = execFileSync('ls', { cwd: folder, encoding: 'utf8' }).split('\n');
    for (const file of files.filter((name) => name.endsWith('.deb'))) {
      execFileSync('dpkg', ['-x', file, 'root'], { cwd: folder });
    }
    // Debian's Alertmanager knows its templates by this path alone.
    if (!existsSync(TEMPLATES)) cpSync(join(folder, 'root', TEMPLATES), TEMPLATES, { recursive: true });
    return bin;
  } catch {
    return null;
  }
}

const listen = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A target whose nodes can be failed. */
export async function startExporter() {
  const failed = new Set<string>();
  const server = createServer((_, response) => {
    const lines = [...failed].map((node) => `node_disabled{node="${node}"} 1`);
    response.end(['# TYPE node_disabled gauge', 'node_disabled{node="none"} 0', ...lines, ''].join('\n'));
  });
  const port = await listen(server);
  return { port, fail: (node: string) => void failed.add(node), close: () => server.close() };
}

/** Prometheus and Alertmanager on that target; `heardAt` has when the webhook got each node's alert. */
export async function startPrometheus(bin: string, settings: keyof typeof SETTINGS, target: number) {
  const { every, groupWait, groupInterval } = SETTINGS[settings];
  const folder = mkdtempSync(join(tmpdir(), 'assay-prometheus-run-'));
  const heardAt = new Map<string, number>();
  const webhook = createServer((request, response) => {
    const at = performance.now();
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      for (const { labels } of (JSON.parse(body) as { alerts: { labels: { node: string } }[] }).alerts) {
        if (!heardAt.has(labels.node)) heardAt.set(labels.node, at);
      }
      response.end();
    });
  });
  const [hookPort, alertPort, port] = [await listen(webhook), await freePort(), await freePort()];
  const write = (name: string, lines: string[]): string => {
    writeFileSync(join(folder, name), `${lines.join('\n')}\n`);
    return join(folder, name);
  };
  const rules = write('rules.yml', [
    'groups:',
    '- name: nodes',
    '  rules:',
    '  - alert: NodeDisabled',
    '    expr: node_disabled == 1',
  ]);
  const config = write('prometheus.yml', [
    `global: { scrape_interval: ${every}, evaluation_interval: ${every} }`,
    `rule_files: ['${rules}']`,
    `alerting: { alertmanagers: [{ static_configs: [{ targets: ['127.0.0.1:${alertPort}'] }] }] }`,
    `scrape_configs: [{ job_name: nodes, static_configs: [{ targets: ['127.0.0.1:${target}'] }] }]`,
  ]);
  const alertConfig = write('alertmanager.yml', [
    `route: { receiver: hook, group_by: [node], group_wait: ${groupWait}, group_interval: ${groupInterval} }`,
    `receivers: [{ name: hook, webhook_configs: [{ url: 'http://127.0.0.1:${hookPort}/' }] }]`,
  ]);
  const run = (name: string, args: string[]): ChildProcess => spawn(join(bin, name), args, { stdio: 'ignore' });
  const processes = [
    run('prometheus-alertmanager', [
      `--config.file=${alertConfig}`,
      `--storage.path=${join(folder, 'alerts')}`,
      `--web.listen-address=127.0.0.1:${alertPort}`,
      '--cluster.listen-address=',
    ]),
    run('prometheus', [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ]),
  ];
  for (const url of [`http://127.0.0.1:${port}/-/ready`, `http://127.0.0.1:${alertPort}/-/ready`]) {
    for (let tries = 0; !(await fetch(url).catch(() => null))?.ok; tries += 1) {
      if (tries > 200) throw new Error(`${url} does not answer`);
      await delay(100);
    }
  }
  return {
    heardAt,
    async close(): Promise<void> {
      const ended = processes.map((one) => new Promise((resolve) => one.once('exit', resolve)));
      for (const one of processes) one.kill();
      await Promise.all(ended);
      webhook.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
