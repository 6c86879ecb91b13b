/** Finding the elements of the page, with the type that they are expected to have. */

/** @throws TypeError when there is no such element, which is a mistake in `index.html` */
export function find<Found extends Element>(
  root: ParentNode,
  selector: string,
  type: new () => Found,
): Found {
  const found = root.querySelector(selector);
  if (!(found instanceof type))
    throw new TypeError(`Expected ${type.name} at ${selector}, received ${found}`);
  return found;
}

/** Sets a text, unless it is there already: a screen reader would hear of it again. */
export function write(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** A copy of the one element that a template holds. */
export function stamp<Found extends Element>(selector: string, type: new () => Found): Found {
  const copy = document.importNode(find(document, selector, HTMLTemplateElement).content, true);
  return find(copy, '*', type);
}
