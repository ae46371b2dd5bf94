import { readFile } from "node:fs/promises";
import openapiTS, { astToString, COMMENT_HEADER, type OpenAPI3 } from "openapi-typescript";
import { expect, it } from "vitest";

it("has the types of the committed description: when this fails, run `make openapi`", async () => {
  const description = JSON.parse(await readFile("../docs/reference/openapi.json", "utf8")) as OpenAPI3;
  const written = COMMENT_HEADER + astToString(await openapiTS(description, { defaultNonNullable: false, silent: true }));

  expect((await readFile("src/api/schema.ts", "utf8")) === written).toBe(true);
});
