// The name beside the aircraft under the pointer.

import { create } from "./element.ts";
import { altitude } from "./format.ts";
import { nameOf, type StateObject } from "./state.ts";

export class HoverLabel {
  readonly #element = create("div", "", { class: "hover-label", "aria-hidden": "true" });

  constructor(parent: HTMLElement) {
    this.#element.hidden = true;
    parent.append(this.#element);
  }

  show(state: StateObject, [x, y]: [number, number]): void {
    const height = state.on_ground ? "on ground" : altitude(state.baro_altitude).main;
    this.#element.replaceChildren(create("strong", nameOf(state)), create("span", height));
    this.#element.style.transform = `translate(${Math.round(x + 14)}px, ${Math.round(y - 13)}px)`;
    this.#element.hidden = false;
  }

  hide(): void {
    this.#element.hidden = true;
  }
}
