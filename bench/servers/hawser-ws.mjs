/** `@hawser/ws` in the place of the npm package `ws`: the same program but for the import. */
import { WebSocketServer } from '../../packages/ws/dist/index.js';
import { serve } from '../parts/ws-server.mjs';

serve(WebSocketServer);
