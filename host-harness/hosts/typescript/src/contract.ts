// The contract's types, as the component states them (`npm run transpile` writes them), under one roof.

export type * from '../generated/interfaces/contact-sync-connector-types.js';
export type {
  Commit,
  Conflict,
  Description,
  EditsSince,
  Note,
  Outcome,
  Query,
  Refusal,
  RoundInfo,
  Sightings,
  StateWrite,
  Statistics,
} from '../generated/interfaces/contact-sync-connector-contact-store.js';

import type * as Connector from '../generated/interfaces/contact-sync-connector-connector.js';
import type * as Consent from '../generated/interfaces/contact-sync-connector-consent.js';
import type * as ContactStore from '../generated/interfaces/contact-sync-connector-contact-store.js';
import type * as NotificationTarget from '../generated/interfaces/contact-sync-connector-notification-target.js';
import type * as PlanSink from '../generated/interfaces/contact-sync-connector-plan-sink.js';
import type * as RunControl from '../generated/interfaces/contact-sync-connector-run-control.js';
import type * as Secrets from '../generated/interfaces/contact-sync-connector-secrets.js';
import type * as State from '../generated/interfaces/contact-sync-connector-state.js';
import type * as Trust from '../generated/interfaces/contact-sync-connector-trust.js';

export type { Connector, Consent, ContactStore, NotificationTarget, PlanSink, RunControl, Secrets, State, Trust };
