/** The types of the package as it is imported: those of `index.d.cts`, under their names. */

// biome-ignore lint/correctness/useImportExtensions: the compiler finds the declarations by the name of what they declare.
import WebSocket from './index.cjs';

export import AddressInfo = WebSocket.AddressInfo;
export import CertMeta = WebSocket.CertMeta;
export import ClientOptions = WebSocket.ClientOptions;
export import CloseEvent = WebSocket.CloseEvent;
export import createWebSocketStream = WebSocket.createWebSocketStream;
export import Data = WebSocket.Data;
export import ErrorEvent = WebSocket.ErrorEvent;
export import Event = WebSocket.Event;
export import EventListenerOptions = WebSocket.EventListenerOptions;
export import ExtensionParameters = WebSocket.ExtensionParameters;
export import extension = WebSocket.extension;
export import FinishRequestCallback = WebSocket.FinishRequestCallback;
export import MessageEvent = WebSocket.MessageEvent;
export import PerMessageDeflate = WebSocket.PerMessageDeflate;
export import PerMessageDeflateOptions = WebSocket.PerMessageDeflateOptions;
export import RawData = WebSocket.RawData;
export import Receiver = WebSocket.Receiver;
export import Sender = WebSocket.Sender;
export import Server = WebSocket.Server;
export import ServerOptions = WebSocket.ServerOptions;
export import subprotocol = WebSocket.subprotocol;
export import VerifyClientCallbackAsync = WebSocket.VerifyClientCallbackAsync;
export import VerifyClientCallbackSync = WebSocket.VerifyClientCallbackSync;
export import WebSocketServer = WebSocket.WebSocketServer;

export { WebSocket };

// biome-ignore lint/style/noDefaultExport: `import WebSocket from 'ws'` is how the package is used.
export default WebSocket;
