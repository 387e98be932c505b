import { GatewayOpcodes } from 'discord.js';
import type { DigitalDiscord, DiscordGateway } from 'discord-digital-twin';

type Client = DiscordGateway['clients'][number];

interface Session {
  sequence: number;
  missed: { event: string; data: unknown }[];
}

/**
 * The twin's gateway speaks Hello, Identify, Ready and heartbeats. What it leaves out is added here on the same
 * sockets: disconnects, Resume with the events that were missed, sessions that are lost, and payloads of interactions that the twin
 * always fills in the same way (permissions, context).
 */
export function extendGateway(twin: DigitalDiscord) {
  const { gateway } = (twin as unknown as { server: { gateway: DiscordGateway } }).server;
  const sessions = new Map<string, Session>();
  const seen = { identified: 0, resumed: 0 };
  let patch: Record<string, unknown> = {};
  let attachment: { id: string } | null = null;

  const plain = gateway.broadcast.bind(gateway);
  gateway.broadcast = (event, data) => {
    const sent = event === 'INTERACTION_CREATE' ? withAttachment({ ...data, ...patch }) : data;
    if (event === 'INTERACTION_CREATE') patch = {};
    for (const { missed } of sessions.values()) missed.push({ event, data: sent });
    plain(event, sent);
  };

  /** The twin knows no options of type attachment: what they refer to is added. */
  function withAttachment(interaction: { data?: object }): object {
    if (attachment === null) return interaction;
    const data = { ...interaction.data, resolved: { attachments: { [attachment.id]: attachment } } };
    attachment = null;
    return { ...interaction, data };
  }

  gateway.wss.on('connection', (socket) => {
    const client = gateway.clients.find(({ ws }) => ws === socket) as Client;
    socket.on('message', (raw) => {
      const { op, d } = JSON.parse(String(raw)) as { op: number; d: { session_id: string; seq: number } };
      if (op === GatewayOpcodes.Identify) seen.identified += 1;
      if (op === GatewayOpcodes.Resume) resume(client, d.session_id, d.seq);
    });
    socket.on('close', () => {
      if (client.identified) sessions.set(client.sessionId, { sequence: client.sequence, missed: [] });
    });
  });

  function resume(client: Client, sessionId: string, sequence: number): void {
    const session = sessions.get(sessionId);
    if (session === undefined || sequence > session.sequence) {
      client.ws.send(JSON.stringify({ op: GatewayOpcodes.InvalidSession, d: false }));
      return;
    }
    sessions.delete(sessionId);
    seen.resumed += 1;
    Object.assign(client, { sessionId, sequence: session.sequence, identified: true });
    const dispatch = (t: string, d: unknown): void => {
      client.sequence += 1;
      client.ws.send(JSON.stringify({ op: GatewayOpcodes.Dispatch, t, s: client.sequence, d }));
    };
    for (const { event, data } of session.missed) dispatch(event, data);
    dispatch('RESUMED', {});
  }

  return {
    /** How often a client identified anew, and how often it resumed. */
    seen,
    /** An event as Discord would send it. */
    dispatch: (event: string, data: object): void => gateway.broadcast(event, data),
    /** Fields of the next interaction that differ from what the twin fills in; null removes one. */
    nextInteraction(fields: Record<string, unknown>): void {
      patch = Object.fromEntries(
        Object.entries(fields).map(([key, value]) => [key, value === null ? undefined : value]),
      );
    },
    /** What an option of the next interaction has attached. */
    nextAttachment(json: { id: string }): void {
      attachment = json;
    },
    /** Ends every connection: with a close code of Discord's, or without a word. */
    disconnect(code?: number): void {
      for (const { ws } of [...gateway.clients]) {
        if (code === undefined) ws.terminate();
        else ws.close(code);
      }
    },
    /** Sessions can not be resumed any more. */
    forgetSessions: (): void => sessions.clear(),
  };
}
