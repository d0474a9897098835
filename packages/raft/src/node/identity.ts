// identity.ts — who this process is: whose data, and which run of it.
import type { Incarnation } from "../core/ids.ts";
import type { StorageIdentity } from "../storage/storage.ts";

export interface NodeIdentity extends StorageIdentity {
  readonly incarnation: Incarnation;
}
