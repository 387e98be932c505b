import { bad } from './apiError.ts';

export interface UploadedFile {
  name: string;
  bytes: Buffer;
}

/** Parameters of a call: JSON values where they were JSON, text otherwise; files by the name of their part. */
export interface CallBody {
  parameters: Record<string, unknown>;
  files: Map<string, UploadedFile>;
}

/** Reads a request body in any of the three ways the Bot API accepts (JSON, form, multipart). */
export function readBody(contentType: string, body: Buffer): CallBody {
  const files = new Map<string, UploadedFile>();
  if (body.length === 0) return { parameters: {}, files };
  if (contentType.startsWith('application/json')) {
    return { parameters: JSON.parse(body.toString('utf8')) as Record<string, unknown>, files };
  }
  if (contentType.startsWith('application/x-www-form-urlencoded')) {
    const pairs = [...new URLSearchParams(body.toString('utf8'))].map(([key, value]) => [key, jsonOrText(value)]);
    return { parameters: Object.fromEntries(pairs) as Record<string, unknown>, files };
  }
  const boundary = /^multipart\/form-data;.*boundary="?([^";]+)"?/.exec(contentType)?.[1];
  if (boundary === undefined) throw bad('wrong content type');
  return multipart(boundary, body, files);
}

function multipart(boundary: string, body: Buffer, files: Map<string, UploadedFile>): CallBody {
  const parameters: Record<string, unknown> = {};
  const separator = Buffer.from(`--${boundary}`);
  let at = body.indexOf(separator);
  if (at === -1) throw bad('multipart body without its boundary');
  for (;;) {
    const start = at + separator.length;
    if (body.subarray(start, start + 2).toString() === '--') return { parameters, files };
    const end = body.indexOf(separator, start);
    const head = body.indexOf('\r\n\r\n', start);
    if (end === -1 || head === -1 || head > end) throw bad('multipart body is cut off');
    const headers = body.subarray(start, head).toString('utf8');
    const content = body.subarray(head + 4, end - 2);
    const name = /name="([^"]*)"/.exec(headers)?.[1];
    if (name === undefined) throw bad('multipart part without a name');
    const filename = /filename="?([^"\r;]*)"?/.exec(headers)?.[1];
    if (filename !== undefined) files.set(name, { name: filename, bytes: Buffer.from(content) });
    else parameters[name] = jsonOrText(content.toString('utf8'));
    at = end;
  }
}

/** Objects, numbers and flags arrive as JSON text in forms; a text stays one even if it looks like a number. */
function jsonOrText(value: string): unknown {
  if (!/^[[{]|^(true|false)$|^-?\d{1,15}$/.test(value)) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}
