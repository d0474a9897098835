// endpoints.ts — where the cluster of the examples is: `npm start`, unless ROGERD_ENDPOINTS says otherwise.
export const endpoints: readonly string[] = (
  process.env["ROGERD_ENDPOINTS"] ?? "127.0.0.1:7401,127.0.0.1:7402,127.0.0.1:7403"
).split(",");
