// A past minute: its file in the archive, read by the decoder that reads the live frames.

import { Decoder } from "../../../target/decoder/decoder.js";
import { ApiError, fetchMinute } from "./api.ts";
import { Picture } from "./picture.ts";

export class PastPicture extends Picture {
  /** The date as the API names it. */
  readonly date: string;

  private constructor(date: string, decoder: Decoder) {
    super(decoder);
    this.date = date;
  }

  /** Fetches a stored minute. The decoder must be loaded. */
  static async load(date: string): Promise<PastPicture> {
    const bytes = await fetchMinute(date);
    try {
      return new PastPicture(date, Decoder.of_minute(bytes));
    } catch (error) {
      throw new ApiError(200, error instanceof Error ? error.message : String(error));
    }
  }

  /** Frees its memory in the decoder; it cannot be used afterwards. */
  close(): void {
    this.decoder.free();
  }
}
