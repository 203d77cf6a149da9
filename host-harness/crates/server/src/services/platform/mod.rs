//! Connecting with the platform's application: an administrator accepts at Microsoft, signs in there, and comes back
//! connected.
//!
//! Two round trips, one behind the other. The first is the consent, whose answer proves nothing: whoever has the
//! browser can write any tenant into it. The second is a sign-in in that tenant, whose code this server exchanges
//! for an ID token itself. The tenant is the token's, and whoever signed in has to be an administrator of it: else
//! anybody could connect a directory to which somebody else's administrator has consented.
//!
//! | file | its one idea |
//! |---|---|
//! | `addresses` | where Microsoft's pages are, for one round trip |
//! | `answer` | what they lead back with, and what it means |
//! | `proof` | what ties a sign-in to the browser session in which it began |
//! | `exchange` | a code becomes somebody who signed in |
//! | `client_assertion` | the application proves itself with its certificate |
//! | `judgement` | whether that one may connect this workspace |
//! | `connect` | the connection is saved, and tested |
//! | `spreading` | tests are repeated while Microsoft's servers hear of the consent |

pub(crate) mod addresses;
pub(crate) mod answer;
mod client_assertion;
pub(crate) mod connect;
pub(crate) mod exchange;
pub(crate) mod judgement;
pub(crate) mod proof;
pub(crate) mod spreading;
