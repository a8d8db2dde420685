// The countries ranked by how many aircraft are over them.

import { classOf } from "../map/country-scale.ts";
import { byId, create, setText } from "../page/element.ts";
import { number } from "../page/format.ts";
import { KeyedList } from "../page/keyed-list.ts";
import type { CountryCount } from "../data/picture.ts";

export class CountryList {
  readonly #rows: KeyedList<CountryCount>;
  /** The count of the first in the list, whose bar has the full width. */
  #most = 1;

  constructor(choose: (iso: string) => void) {
    this.#rows = new KeyedList(
      byId("countries-list"),
      ({ iso_a2 }) => iso_a2,
      ({ iso_a2 }) => {
        const row = create("li", "");
        const button = create("button", "", { type: "button", class: "country-row" });
        button.append(...["rank figures", "country-name", "figures", "country-bar"].map(
          (name) => create("span", "", { class: name }),
        ));
        button.addEventListener("click", () => choose(iso_a2));
        row.append(button);
        return row;
      },
      (row, country, index) => this.#fill(row, country, index),
    );
  }

  /** Those with traffic, busiest first. */
  show(ranked: readonly CountryCount[]): void {
    this.#most = ranked[0]?.count ?? 1;
    this.#rows.show(ranked);
    byId("countries-none").hidden = ranked.length > 0;
  }

  focus(iso: string): void {
    this.#rows.get(iso)?.querySelector("button")?.focus();
  }

  #fill(row: HTMLElement, { name, count }: CountryCount, index: number): void {
    const button = row.firstElementChild as HTMLElement;
    const [rank, label, figure, bar] = [...button.children] as HTMLElement[];
    if (!rank || !label || !figure || !bar) return;
    setText(rank, String(index + 1));
    setText(label, name);
    setText(figure, number(count));
    bar.dataset["class"] = String(classOf(count));
    bar.style.width = `${(100 * count) / this.#most}%`;
    button.setAttribute("aria-label", `${index + 1}. ${name}, ${number(count)} aircraft`);
  }
}

/** Those with traffic, busiest first, then by name. */
export function ranked(countries: readonly CountryCount[]): CountryCount[] {
  return countries
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count || a.name.localeCompare(b.name, "en"));
}
