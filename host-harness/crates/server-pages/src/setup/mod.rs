//! The four steps of the set-up. Each is a form that works without script, and is saved by itself.

mod connect;
mod destination;
mod groups;
mod mapping;
mod platform;
mod policies;
mod registration;
mod review;
mod rows;

use api_types::views::{Frame, SetupStep};
use maud::{Markup, html};

pub(super) use self::connect::expiry_warning;
pub use self::connect::{connect, consent};
use self::destination::caveats;
pub use self::destination::destination;
pub use self::mapping::mapping;
pub use self::review::review;
pub(super) use self::review::{one_count, remarks};
use super::icons::Icon;

/// Where one is: steps before are done and can be gone back to.
fn steps(frame: &Frame, at: SetupStep) -> Markup {
    let steps = [
        (SetupStep::Connect, "Connect", "/setup/connect"),
        (SetupStep::Map, "Map attributes", "/setup/map"),
        (SetupStep::Review, "Review", "/setup/review"),
        (SetupStep::Done, "Overview", ""),
    ];
    html! {
        nav .steps aria-label="Steps of the set-up" {
            ol {
                @for (step, name, path) in steps {
                    li .done[step < at] aria-current=[(step == at).then_some("step")] {
                        span .number aria-hidden="true" {
                            @if step < at { (Icon::Succeeded.draw()) } @else { (step as u8 + 1) }
                        }
                        @if step < at { a href={ (frame.root) (path) } { (name) } }
                        @else { span { (name) } }
                    }
                }
            }
        }
    }
}

/// The same pages once it is set up: they are the settings then.
fn sections(frame: &Frame, at: SetupStep) -> Markup {
    let sections = [
        (SetupStep::Connect, "Connection", "/setup/connect"),
        (SetupStep::Map, "Mapping and policies", "/setup/map"),
        (SetupStep::Review, "Review", "/setup/review"),
    ];
    html! {
        nav .sections aria-label="Settings" {
            @for (section, name, path) in sections {
                a href={ (frame.root) (path) } aria-current=[(section == at).then_some("page")] { (name) }
            }
        }
    }
}
