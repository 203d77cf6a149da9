//! A platform's web server around the connector: pages, an HTTP API, a scheduler and sealed secrets, for many
//! workspaces.
//!
//! [`Server`] answers requests and starts what is due. Everything that can be asked of a workspace is a
//! function of `services`; what is to be seen there are [`api_types::views`], which the API answers as JSON
//! and [`server_pages`] draws as HTML. What must survive is in two places: contacts and the connector's state
//! in the workspace's own store, everything else in the records, which are [`server_db`].
//!
//! | module | its one idea |
//! |---|---|
//! | `app` | the state that all workspaces share, without behaviour; its parts: `connector`, `stores`, `secret_keys`, `clock`, `metrics`, `tasks`, `turns` |
//! | `services` | what can be asked of one workspace: jobs, set-up, review, people, overview, undo, disconnect |
//! | `spreading` | whose connection is tested again by itself, while a consent spreads |
//! | `task_state`, `tasks` | what goes on in a workspace now, and the right to be that |
//! | `destinations` | the connector with a destination in it, where a service keeps the contacts |
//! | `dispatch` | starts what is due, in this process |
//! | `turns` | whose turn it is to work |
//! | `settings`, `choices` | a document as a form, and the form as a document |
//! | `codes`, `labels` | codes in words: those that the component and the store describe, and the server's own |
//! | `notifications` | what directories have told and nobody has looked at yet |
//! | `connections`, `open_files` | connections of browsers and scripts, and how many there may be |
//! | `connection_pools` | connections to the directory, shared by workspaces |
//! | `web` | addresses, sessions, forms, the API |
//! | `running`, `operator`, `options`, `platform_application`, `error`, `public_url` | for whoever runs the server |

mod app;
mod choices;
mod clock;
mod codes;
mod connection_pools;
mod connections;
mod connector;
mod destinations;
mod dispatch;
mod error;
mod kept_tokens;
mod labels;
mod metrics;
mod notifications;
mod open_files;
mod operator;
mod options;
mod platform_application;
mod public_url;
mod running;
mod secret_keys;
mod services;
mod settings;
mod spreading;
mod stores;
mod task_state;
mod tasks;
mod token;
mod turns;
mod web;

pub use api_types::views::Role;
pub use server_db::{
    AuditKeyError, Head, ParseHeadError, Revoked, ServerDbError, Tampered, Verified,
};

pub use self::clock::SystemClock;
pub use self::error::ServerError;
pub use self::operator::{AuditLine, Invited, Operator, WorkspaceSummary};
pub use self::options::{Endpoints, KeySource, ServerOptions};
pub use self::platform_application::{
    PlatformApplication, PlatformApplicationError, PlatformCredential,
};
pub use self::public_url::{PublicUrlError, public_url};
pub use self::running::{Server, WorkspaceStatus};
