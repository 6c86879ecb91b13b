/** Together with Python's `autobahn`. */
import { describePython } from './python.ts';

describePython('autobahn');
