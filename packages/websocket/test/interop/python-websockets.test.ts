/** Together with Python's `websockets`. */
import { describePython } from './python.ts';

describePython('websockets');
