// What the tests use of node, which the page does not have.
declare module "node:assert" {
  export const strict: {
    equal(actual: unknown, expected: unknown, message?: string): void;
    deepEqual(actual: unknown, expected: unknown, message?: string): void;
    ok(value: unknown, message?: string): void;
  };
}
declare module "node:test" {
  export function test(name: string, body: () => void | Promise<void>): void;
}
