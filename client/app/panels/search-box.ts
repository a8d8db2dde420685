// The search box: a combobox over the aircraft of the picture on show.

import { byId, create } from "../page/element.ts";
import { altitude } from "../page/format.ts";
import { nameOf, type StateObject } from "../data/state.ts";

const RESULTS_MAX = 8;

export class SearchBox {
  readonly #input = byId<HTMLInputElement>("search");
  readonly #list = byId("results");
  readonly #search: (query: string, limit: number) => StateObject[];
  readonly #choose: (state: StateObject) => void;
  #found: StateObject[] = [];
  /** Whether more aircraft match than are listed. */
  #more = false;
  #active = -1;

  constructor(
    search: (query: string, limit: number) => StateObject[],
    choose: (state: StateObject) => void,
  ) {
    this.#search = search;
    this.#choose = choose;
    this.#input.addEventListener("input", () => this.#update());
    this.#input.addEventListener("focus", () => this.#update());
    this.#input.addEventListener("blur", () => this.#close());
    this.#input.addEventListener("keydown", (event) => this.#key(event));
    // The list must not take the focus, or the box would close before the click arrives.
    this.#list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.#list.addEventListener("click", (event) => {
      const option = (event.target as Element).closest("[role=option]");
      if (option !== null) this.#take([...this.#list.children].indexOf(option));
    });
  }

  focus(): void {
    this.#input.focus();
    this.#input.select();
  }

  #update(): void {
    const query = this.#input.value.trim();
    if (query === "") return this.#close();
    const found = this.#search(query, RESULTS_MAX + 1);
    this.#more = found.length > RESULTS_MAX;
    this.#found = found.slice(0, RESULTS_MAX);
    this.#active = this.#found.length > 0 ? 0 : -1;
    this.#render();
  }

  #render(): void {
    const options = this.#found.map((state, index) => {
      const option = create("li", "", {
        id: `result-${index}`, role: "option", "aria-selected": String(index === this.#active),
      });
      const height = state.on_ground ? "on ground" : altitude(state.baro_altitude).main;
      option.append(
        create("strong", nameOf(state)), create("span", height),
        create("span", state.icao24), create("span", state.origin_country ?? ""),
      );
      return option;
    });
    const note = options.length === 0 ? "No aircraft found"
      : this.#more ? `The first ${RESULTS_MAX} of more: type on to narrow them` : null;
    const last = note === null ? [] : [create("li", note, { class: "none" })];
    this.#list.replaceChildren(...options, ...last);
    this.#list.hidden = false;
    this.#input.setAttribute("aria-expanded", "true");
    this.#point();
  }

  #point(): void {
    this.#list.querySelectorAll("[role=option]").forEach((option, index) => {
      option.setAttribute("aria-selected", String(index === this.#active));
    });
    if (this.#active >= 0) {
      this.#input.setAttribute("aria-activedescendant", `result-${this.#active}`);
    } else {
      this.#input.removeAttribute("aria-activedescendant");
    }
  }

  #key(event: KeyboardEvent): void {
    const count = this.#found.length;
    if (event.key === "Escape") {
      event.stopPropagation();
      this.#input.value = "";
      this.#input.blur();
    } else if (event.key === "Enter") {
      this.#take(this.#active);
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && count > 0) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.#active = (this.#active + step + count) % count;
      this.#point();
    }
  }

  #take(index: number): void {
    const state = this.#found[index];
    if (state === undefined) return;
    this.#input.value = "";
    this.#input.blur();
    this.#choose(state);
  }

  #close(): void {
    this.#found = [];
    this.#active = -1;
    this.#list.hidden = true;
    this.#list.replaceChildren();
    this.#input.setAttribute("aria-expanded", "false");
    this.#input.removeAttribute("aria-activedescendant");
  }
}
