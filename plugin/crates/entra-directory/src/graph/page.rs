//! A page of users, and what comes after it.

use entra_users::page::{self, NoPage};
use entra_users::user::{Selection, User};

use super::error::GraphError;
use super::link::{GraphRoot, Link};

/// What comes after a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Another page of the same round; also after an empty page.
    Page(Link),
    /// Nothing: the round is closed, and the next one starts here.
    Done(Link),
    /// Nothing: the list is at its end. A list has no deltaLink; a change feed that ends so is not
    /// closed.
    End,
}

/// One page.
#[derive(Debug)]
pub struct Page<'page> {
    /// In the page's order. The same user may occur more than once; the last one counts.
    pub users: Vec<User<'page>>,
    /// Where it goes on.
    pub next: Next,
}

/// Reads a page.
///
/// # Errors
///
/// [`GraphError::NotJson`] where the bytes are no complete JSON in UTF-8,
/// [`GraphError::UnexpectedShape`] where they are no page, or a page that says both how it goes on
/// and that it does not, and [`GraphError::ForeignLink`] where it leads away from the configured
/// root.
pub fn parse<'page>(
    bytes: &'page [u8],
    selection: &Selection,
    root: &GraphRoot,
) -> Result<Page<'page>, GraphError> {
    let not_json = || GraphError::NotJson {
        host: root.host().to_owned(),
    };
    let unexpected = |detail| GraphError::UnexpectedShape {
        host: root.host().to_owned(),
        detail,
    };

    let text = std::str::from_utf8(bytes).map_err(|_| not_json())?;
    let document = page::parse(text, selection).map_err(|error| match error {
        NoPage::NotJson => not_json(),
        NoPage::UnexpectedShape => unexpected("it is no page of users"),
    })?;
    let users = document
        .users
        .ok_or_else(|| unexpected("it has no value"))?;
    let next = next(
        document.next_link.as_deref(),
        document.delta_link.as_deref(),
        root,
    )?;
    Ok(Page { users, next })
}

/// What comes after a page that names these links.
///
/// # Errors
///
/// Where it names both, and where one leads away from the configured root.
pub(super) fn next(
    next_link: Option<&str>,
    delta_link: Option<&str>,
    root: &GraphRoot,
) -> Result<Next, GraphError> {
    Ok(match (next_link, delta_link) {
        (Some(_), Some(_)) => {
            return Err(GraphError::UnexpectedShape {
                host: root.host().to_owned(),
                detail: "it has a nextLink and a deltaLink",
            });
        }
        (Some(next), None) => Next::Page(Link::restore(next, root)?),
        (None, Some(delta)) => Next::Done(Link::restore(delta, root)?),
        (None, None) => Next::End,
    })
}

#[cfg(test)]
mod tests;
