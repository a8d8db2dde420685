// A Worker that is posted golden frames and answers what is wrong with them.

import decoder from "../../dist/decoder.wasm";
import encoder from "../../target/encoder/encoder.wasm";
import { checker } from "./check.mjs";

const check = checker({ decoder, encoder });

export default {
  async fetch(request) {
    return Response.json(check(await request.json()));
  },
};
