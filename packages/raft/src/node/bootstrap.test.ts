// bootstrap.test.ts — who waits for the first configuration hears of it when it is durable, not before.
import { describe, expect, test } from "vitest";
import { type Configuration, EMPTY_CONFIGURATION } from "../core/configuration.ts";
import { Bootstrap } from "./bootstrap.ts";

const configuration: Configuration = EMPTY_CONFIGURATION;

describe("the first configuration of a cluster", () => {
  test("is durable with the very persist that carries it", async () => {
    const bootstrap = new Bootstrap();
    let isDurable = false;
    const added = bootstrap.add(configuration).then(() => {
      isDurable = true;
    });

    bootstrap.stepped({ before: 2, after: 3 });
    bootstrap.synced(2);
    await Promise.resolve();
    const early = isDurable;
    bootstrap.synced(3);
    await added;

    expect([early, isDurable, bootstrap.wanted]).toEqual([false, true, undefined]);
  });

  test("that no persist carries is a bug, and nobody is told that it is durable", () => {
    const bootstrap = new Bootstrap();
    void bootstrap.add(configuration);

    expect(() => bootstrap.stepped({ before: 2, after: 2 })).toThrow(
      "a first configuration is persisted",
    );
    bootstrap.synced(2);
    expect(bootstrap.wanted).toBe(configuration);
  });
});
