// The drop-down of past minutes, and the steps between them.

import { byId, create } from "../page/element.ts";
import { utcDay, utcTime } from "../page/format.ts";

export class DatesList {
  readonly #select = byId<HTMLSelectElement>("dates");
  readonly #earlier = byId<HTMLButtonElement>("earlier");
  readonly #later = byId<HTMLButtonElement>("later");
  readonly #back = byId<HTMLButtonElement>("back");
  /** Newest first. */
  #dates: string[] = [];
  #shown: string | null = null;

  /** `choose` gets a date, or null for live; `refresh` is called before the list opens. */
  constructor(choose: (date: string | null) => void, refresh: () => void) {
    this.#select.addEventListener("change", () => choose(this.#select.value || null));
    this.#select.addEventListener("pointerenter", refresh);
    this.#select.addEventListener("focus", refresh);
    this.#earlier.addEventListener("click", () => choose(this.#step(1)));
    this.#later.addEventListener("click", () => choose(this.#step(-1)));
    this.#back.addEventListener("click", () => choose(null));
  }

  setDates(dates: string[]): void {
    const same = dates.length === this.#dates.length && dates[0] === this.#dates[0];
    this.#dates = dates;
    if (!same) this.#render();
    this.#mark();
  }

  /** Marks what the map shows. */
  show(date: string | null): void {
    this.#shown = date;
    // A linked date may be older than the list.
    if (date !== null && !this.#dates.includes(date)) {
      this.#dates = [...this.#dates, date].sort().reverse();
      this.#render();
    }
    this.#mark();
  }

  #render(): void {
    const groups: HTMLOptGroupElement[] = [];
    for (const date of this.#dates) {
      const day = utcDay(date);
      if (groups.at(-1)?.label !== day) groups.push(create("optgroup", "", { label: day }));
      groups.at(-1)?.append(create("option", `${utcTime(date)} UTC`, { value: date }));
    }
    this.#select.replaceChildren(create("option", "Live", { value: "" }), ...groups);
  }

  #mark(): void {
    this.#select.value = this.#shown ?? "";
    this.#back.hidden = this.#shown === null;
    this.#earlier.disabled = this.#step(1) === this.#shown;
    this.#later.disabled = this.#shown === null;
  }

  /** Returns the date `back` steps back: null past the newest, the shown one past the oldest. */
  #step(back: number): string | null {
    const index = this.#shown === null ? -1 : this.#dates.indexOf(this.#shown);
    const next = index + back;
    return next < 0 ? null : (this.#dates[next] ?? this.#shown);
  }
}
