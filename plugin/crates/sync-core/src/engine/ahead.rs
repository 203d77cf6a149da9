//! Pages that are asked for before their turn, so that they are on their way while another is looked up,
//! decided about and applied.
//!
//! Nothing of them is read before their turn comes: a page that is under way is with the host, and takes no
//! memory here.

use std::collections::VecDeque;
use std::rc::Rc;

use super::directory::{PendingPage, People};

/// Pages under way, in the order in which they were asked for.
#[derive(Default)]
pub(super) struct Ahead<'a>(VecDeque<UnderWay<'a>>);

struct UnderWay<'a> {
    link: String,
    page: Box<dyn PendingPage + 'a>,
}

impl<'a> Ahead<'a> {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The page that was asked for first.
    pub(super) fn first(&self) -> Option<&str> {
        self.0.front().map(|first| first.link.as_str())
    }

    /// Asks for a page, unless it is under way.
    pub(super) fn ask(&mut self, people: &Rc<dyn People<'a> + 'a>, link: &str) {
        if self.0.iter().all(|under_way| under_way.link != link) {
            self.0.push_back(UnderWay {
                link: link.to_owned(),
                page: Rc::clone(people).begin(link),
            });
        }
    }

    /// A page whose turn it is. Where it is not under way the round stands elsewhere than was thought, and
    /// what is under way is given up.
    pub(super) fn take(
        &mut self,
        people: &Rc<dyn People<'a> + 'a>,
        link: &str,
    ) -> Box<dyn PendingPage + 'a> {
        let place = self.0.iter().position(|under_way| under_way.link == link);
        match place.and_then(|place| self.0.remove(place)) {
            Some(under_way) => under_way.page,
            None => {
                self.give_up();
                Rc::clone(people).begin(link)
            }
        }
    }

    pub(super) fn give_up(&mut self) {
        self.0.clear();
    }
}
