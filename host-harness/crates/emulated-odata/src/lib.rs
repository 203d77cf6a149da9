//! What a request to an emulated Graph may ask of a directory, and how it is refused where it may not.
//!
//! The directory serves far less than OData defines, and serves some of it as an advanced query only
//! (<https://learn.microsoft.com/graph/aad-advanced-queries>). So an option is read and checked as a whole
//! before a single object is looked at. What is asked for is a question to [`emulated_directory`]; no
//! resource and no permission is known here.
//!
//! * [`protocol`]: what is the same for every collection;
//! * [`schema`]: of which kind of object, and what is served of it;
//! * [`filter`], [`search`], [`ordering`]: who is listed, and in which order;
//! * [`listing`], [`opaque`]: pages, and what their links carry;
//! * [`failure`]: every refusal, and the envelope it comes in.

pub mod failure;
pub mod filter;
pub mod listing;
pub mod opaque;
pub mod ordering;
pub mod population;
pub mod protocol;
pub mod schema;
pub mod search;

pub use failure::Failure;
pub use population::Population;
pub use schema::Schema;
