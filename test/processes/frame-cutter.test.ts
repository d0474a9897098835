import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FrameCutter } from "./frame-cutter.ts";

const head = Buffer.from("GET / HTTP/1.1\r\nupgrade: websocket\r\n\r\n");
const answer = Buffer.from("HTTP/1.1 101 Switching Protocols\r\n\r\n");

function frame(first: number, payload: Buffer, mask?: Buffer): Buffer {
  const long = payload.length > 0xffff ? 127 : payload.length > 125 ? 126 : payload.length;
  const length = Buffer.alloc(long === 127 ? 8 : long === 126 ? 2 : 0);
  if (long === 127) length.writeBigUInt64BE(BigInt(payload.length));
  if (long === 126) length.writeUInt16BE(payload.length);
  const begin = Buffer.from([first, mask === undefined ? long : long | 0x80]);
  return Buffer.concat([begin, length, mask ?? Buffer.alloc(0), payload]);
}

/** Shorter to compare. */
function hashOf(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

const binary = 0x82;
const ping = 0x89;
const firstOfSeveral = 0x02;

describe("the pieces of a connection", () => {
  const frames = fc.array(
    fc.record({
      first: fc.constantFrom(binary, 0x81, ping, 0x8a, 0x88, firstOfSeveral, 0x80),
      size: fc.constantFrom(0, 1, 125, 126, 127, 1_000, 0xffff, 0x10000),
      isMasked: fc.boolean(),
    }),
    { maxLength: 8 },
  );
  const cuts = fc.array(fc.nat({ max: 2_000 }), { maxLength: 20 });

  test("are the head and each frame, however the bytes come", () => {
    fc.assert(
      fc.property(fc.constantFrom(head, answer), frames, cuts, (opening, drawn, sizes) => {
        const whole = drawn.map(({ first, isMasked, size }) =>
          frame(first, Buffer.alloc(size, size), isMasked ? Buffer.from("mask") : undefined),
        );
        const bytes = Buffer.concat([opening, ...whole]);
        const cutter = new FrameCutter();
        const pieces = [];
        let at = 0;
        for (const size of [...sizes, bytes.length]) {
          pieces.push(...cutter.cut(bytes.subarray(at, at + size)));
          at += size;
        }

        expect(pieces.map((piece) => hashOf(piece.bytes))).toEqual([opening, ...whole].map(hashOf));
        const isMessage = drawn.map(({ first }) => first === binary || first === 0x81);
        expect(pieces.map((piece) => piece.isMessage)).toEqual([false, ...isMessage]);
      }),
    );
  });

  test("of what is no WebSocket are as they came", () => {
    for (const said of ["G", "hello\n", "HTTP/1.1 200 OK\r\n\r\n", "GETS\r\n\r\n"]) {
      const cutter = new FrameCutter();
      const [bytes, more] = [Buffer.from(`${said} and on`), Buffer.from([binary, 0])];

      expect(cutter.cut(bytes)).toEqual([{ bytes, isMessage: false }]);
      expect(cutter.cut(more)).toEqual([{ bytes: more, isMessage: false }]);
    }
  });
});
