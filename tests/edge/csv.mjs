// A reader of CSV (RFC 4180), for tests.

/** Returns the cells of each line. Every line ends with CRLF. */
export function cells(text) {
  const lines = [];
  let line = [];
  let at = 0;
  while (at < text.length) {
    const match = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n)/y;
    match.lastIndex = at;
    const found = match.exec(text);
    if (!found) throw new Error(`not CSV at ${at}: ${text.slice(at, at + 40)}`);
    const [whole, cell, end] = found;
    line.push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
    if (end === "\r\n") line = (lines.push(line), []);
    at += whole.length;
  }
  return lines;
}
