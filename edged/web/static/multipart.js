// Reads a multipart/x-mixed-replace body part by part, as it arrives.

const MOST_BYTES = 8 * 1024 * 1024;
const HEAD_END = [13, 10, 13, 10];

/**
 * Yields `{headers: Map, body: Uint8Array}`. Every part must say its Content-Length, which the device does.
 * The next bytes are read when the caller asks for the next part: a slow caller makes the device drop frames.
 */
export async function* parts(stream) {
  const reader = stream.getReader();
  let bytes = new Uint8Array(0);
  try {
    for (;;) {
      let part;
      while ((part = takePart(bytes))) {
        bytes = bytes.subarray(part.end);
        yield part;
      }
      const { done, value } = await reader.read();
      if (done) return;
      bytes = joined(bytes, value);
      if (bytes.length > MOST_BYTES) throw new Error("a part of the live picture is too long");
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function takePart(bytes) {
  const head = headEnd(bytes);
  if (head < 0) return null;
  const lines = new TextDecoder().decode(bytes.subarray(0, head)).split("\r\n");
  const headers = new Map(
    lines.filter((line) => line.includes(":")).map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const start = head + HEAD_END.length;
  const end = start + Number(headers.get("content-length"));
  return bytes.length < end ? null : { headers, body: bytes.slice(start, end), end };
}

function headEnd(bytes) {
  for (let at = bytes.indexOf(HEAD_END[0]); at >= 0; at = bytes.indexOf(HEAD_END[0], at + 1)) {
    if (HEAD_END.every((byte, index) => bytes[at + index] === byte)) return at;
  }
  return -1;
}

function joined(left, right) {
  if (!left.length) return right;
  const both = new Uint8Array(left.length + right.length);
  both.set(left);
  both.set(right, left.length);
  return both;
}
