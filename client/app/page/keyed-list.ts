// A list whose items keep their elements, and so the focus and a pending click, while frames change
// their text and order.

export class KeyedList<T> {
  readonly #list: HTMLElement;
  readonly #keyOf: (item: T) => string;
  readonly #make: (item: T) => HTMLElement;
  readonly #fill: (element: HTMLElement, item: T, index: number) => void;
  #elements = new Map<string, HTMLElement>();

  constructor(
    list: HTMLElement,
    keyOf: (item: T) => string,
    make: (item: T) => HTMLElement,
    fill: (element: HTMLElement, item: T, index: number) => void,
  ) {
    this.#list = list;
    this.#keyOf = keyOf;
    this.#make = make;
    this.#fill = fill;
  }

  show(items: readonly T[]): void {
    const elements = new Map<string, HTMLElement>();
    items.forEach((item, index) => {
      const key = this.#keyOf(item);
      const element = this.#elements.get(key) ?? this.#make(item);
      this.#fill(element, item, index);
      elements.set(key, element);
    });
    this.#elements = elements;
    const wanted = [...elements.values()];
    const present = this.#list.children;
    if (wanted.length === present.length && wanted.every((one, i) => one === present[i])) return;
    const focused = document.activeElement;
    this.#list.replaceChildren(...wanted);
    // An element that is moved loses the focus.
    if (focused instanceof HTMLElement && this.#list.contains(focused)) {
      focused.focus({ preventScroll: true });
    }
  }

  get(key: string): HTMLElement | undefined {
    return this.#elements.get(key);
  }
}
