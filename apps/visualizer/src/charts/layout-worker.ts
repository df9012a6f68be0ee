/*!
 * This file has the Eclipse Layout Kernel in it, compiled to JavaScript: elkjs, https://github.com/kieler/elkjs,
 * Copyright (c) Kiel University and others, EPL-2.0 OR GPL-3.0-or-later, https://www.eclipse.org/legal/epl-2.0/.
 * Its source is at that address. The rest of this program is not part of it.
 */

// In a worker the engine answers messages by itself.
import 'elkjs/lib/elk-worker.min.js';
