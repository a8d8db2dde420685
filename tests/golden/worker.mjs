// A Worker that receives golden frames by POST and answers with their faults.

import decoder from "../../dist/decoder.wasm";
import encoder from "../../target/encoder/encoder.wasm";
import { checker } from "./check.mjs";

const check = checker({ decoder, encoder });

export default {
  async fetch(request) {
    return Response.json(check(await request.json()));
  },
};
