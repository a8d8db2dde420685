// The name beside the aircraft or the country under the pointer.

import { create } from "../page/element.ts";

export class HoverLabel {
  readonly #element = create("div", "", { class: "hover-label", "aria-hidden": "true" });

  constructor(parent: HTMLElement) {
    this.#element.hidden = true;
    parent.append(this.#element);
  }

  show(kind: "aircraft" | "country", texts: [string, string], [x, y]: [number, number]): void {
    const [name, note] = texts;
    this.#element.dataset["kind"] = kind;
    this.#element.replaceChildren(create("strong", name), create("span", note));
    this.#element.style.transform = `translate(${Math.round(x + 14)}px, ${Math.round(y - 13)}px)`;
    this.#element.hidden = false;
  }

  hide(): void {
    this.#element.hidden = true;
  }
}
