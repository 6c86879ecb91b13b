/** Why the chat could not be started, in words for whoever started it: what is wrong, and the command that puts it right. */

import { defaultPort, readPort, SettingsError } from './settings.ts';

/** A line without a stack, except for what nobody foresaw. */
export function explainStartupError(
  error: unknown,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof SettingsError) return error.message;
  const port = readPort(environment.PORT);
  switch ('code' in error ? error.code : undefined) {
    case 'EADDRINUSE':
      return `Port ${port} is taken. Choose another: PORT=${otherPort(port)} npm start`;
    case 'EACCES':
      return `Port ${port} is not ours to open. Choose one above 1023: PORT=${defaultPort} npm start`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `HOST ${environment.HOST} is not an address of this machine. Leave it out, or: HOST=0.0.0.0 npm start`;
    case 'ENOENT':
      return `Part of the page is missing (${error.message}). Build it: npm run build`;
    default:
      return error.stack ?? error.message;
  }
}

function otherPort(port: number): number {
  return port < 65_535 ? port + 1 : defaultPort;
}
