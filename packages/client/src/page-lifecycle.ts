/**
 * What the platform tells about the page that the client lives in: network, visibility, freezing. Outside of a browser
 * nothing is told, and the clock alone shows that the machine has slept.
 */

/** `wake`: whatever was believed of the connection may be wrong by now; `hide`: the page may never run again. */
export type PageEvent = 'online' | 'offline' | 'wake' | 'hide';

/** Who tells. */
export interface PageLifecycle {
  /** Calls back at each event, until the returned function is called. */
  watch(listener: (event: PageEvent) => void): () => void;
}

interface PageGlobals {
  readonly document?: { readonly visibilityState: string };
  addEventListener?: ListenTo;
  removeEventListener?: ListenTo;
}

type ListenTo = (type: string, listener: (event: { readonly type: string }) => void, capture: true) => void;

const page: PageGlobals & typeof globalThis = globalThis;

/** A page that comes back from the cache or is thawed becomes visible as well. */
const types: readonly string[] = ['online', 'offline', 'pagehide', 'visibilitychange'];

/** The page that this code runs in, if it runs in one. */
export const browserLifecycle: PageLifecycle = {
  watch(listener) {
    const hear = ({ type }: { readonly type: string }): void => {
      const isHidden = type === 'pagehide' || page.document?.visibilityState === 'hidden';
      const isNetwork = type === 'online' || type === 'offline';
      listener(isNetwork ? type : isHidden ? 'hide' : 'wake');
    };
    // While they are on their way down to the document, because not all of them come up again.
    for (const type of types) page.addEventListener?.(type, hear, true);
    return () => {
      for (const type of types) page.removeEventListener?.(type, hear, true);
    };
  },
};
