/** The npm package `ws` with bufferutil, which it takes up by itself. */
import { WebSocketServer } from 'ws';
import { serve } from '../parts/ws-server.mjs';

serve(WebSocketServer);
