// A SCIM server on SCIMMY and its routers as they are published, with users and groups in memory.
//
// SCIMMY leaves to an application what is kept and how it is found; this is the least that works: maps, SCIMMY's own
// matcher for filters, and user names that are unique without regard to case.
//
// Usage: node scim.js PORT TOKEN

import { randomUUID } from "node:crypto";

import express from "express";
import SCIMMY from "scimmy";
import SCIMMYRouters from "scimmy-routers";

const [port, token] = process.argv.slice(2);

/** Keeps resources of one kind; no two have the same value of the attribute `unique`. */
function keep(resource, unique) {
  const kept = new Map();
  const missing = (id) => new SCIMMY.Types.Error(404, null, `${id} is not there`);
  const folded = (value) => String(value).toLowerCase();
  return resource
    .ingress((asked, data) => {
      if (asked.id && !kept.has(asked.id)) throw missing(asked.id);
      const id = asked.id ?? randomUUID();
      for (const other of kept.values()) {
        if (unique && other.id !== id && folded(other[unique]) === folded(data[unique])) {
          throw new SCIMMY.Types.Error(409, "uniqueness", `${unique} is taken`);
        }
      }
      const { meta, schemas, ...values } = JSON.parse(JSON.stringify(data));
      const now = new Date().toISOString();
      const created = kept.get(id)?.meta.created ?? now;
      kept.set(id, { ...values, id, meta: { created, lastModified: now } });
      return kept.get(id);
    })
    .egress((asked) => {
      if (asked.id) {
        if (!kept.has(asked.id)) throw missing(asked.id);
        return kept.get(asked.id);
      }
      const all = [...kept.values()];
      return asked.filter ? asked.filter.match(all) : all;
    })
    .degress((asked) => {
      if (!kept.delete(asked.id)) throw missing(asked.id);
    });
}

SCIMMY.Resources.declare(
  keep(SCIMMY.Resources.User.extend(SCIMMY.Schemas.EnterpriseUser, false), "userName"),
);
SCIMMY.Resources.declare(keep(SCIMMY.Resources.Group));

express()
  .use(
    "/scim",
    new SCIMMYRouters({
      type: "bearer",
      handler: (request) => {
        if (request.header("authorization") !== `Bearer ${token}`) throw new Error("not signed in");
      },
    }),
  )
  .listen(Number(port), "127.0.0.1");
