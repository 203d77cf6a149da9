//! Reads a round to its end, page by page.
//!
//! *Full*: take a bookmark, list everybody, then follow the bookmark, so that changes made while
//! listing are caught; then ask, by id, for linked people who were not seen. *Incremental*: follow
//! the deltaLink. A round that the directory breaks off starts again as a full one.

use crate::config::settings::Removing;
use crate::contact::ObjectId;
use crate::graph::error::GraphError;
use crate::graph::lookup::Whereabouts;
use crate::graph::page::{Next, Page};
use crate::ports::{Level, Phase, Progress, Sightings};
use crate::reconcile::decide::Finding;
use crate::report::run::RunMode;

use super::bounds::Bounds;
use super::checkpoint::{Cursor, Round, Step};
use super::halt::Halt;
use super::page::{Decided, People, decide};
use super::session::Session;
use super::stage::{Settlement, Stage};

/// How often contacts that change under our hands are decided about again.
const CONFLICT_ROUNDS: usize = 3;
/// How often a round that the directory breaks off starts again within one run.
const RESTARTS: u8 = 2;
/// Linked people who were not seen, asked for at a time: five `$batch` requests of 20.
const VERIFY_BATCH: u32 = 100;

/// Reads one round.
pub(super) struct Reading<'s, 'a> {
    pub(super) session: &'s Session<'a>,
    pub(super) stage: &'s mut dyn Stage,
    pub(super) bounds: &'s mut Bounds,
    /// An estimate of the number of people.
    pub(super) expected: Option<u64>,
}

/// How a round starts: incremental where a cursor of this configuration is there and a full round is
/// neither asked for nor due.
pub(super) fn mode_of(session: &Session<'_>, asked: RunMode, cursor: Option<&Cursor>) -> RunMode {
    let due = |cursor: &Cursor| {
        let age = session
            .ports
            .clock
            .now()
            .0
            .saturating_sub(cursor.full_round_at.0);
        u128::from(age) >= session.settings.full_round_every.as_millis()
    };
    match cursor {
        Some(cursor)
            if asked == RunMode::Incremental
                && cursor.fingerprint == session.settings.fingerprint
                && !due(cursor) =>
        {
            RunMode::Incremental
        }
        _ => RunMode::Full,
    }
}

/// Opens a full round.
pub(super) fn begin_full(
    session: &Session<'_>,
    round_name: &str,
    restarts: u8,
) -> Result<Round, Halt> {
    let known_links = session
        .ports
        .store
        .open_round(&session.source, round_name, false)?;
    let step = match session.client.bookmark(&session.selection)? {
        Some(bookmark) => Step::Listing {
            link: session
                .client
                .first_list_page(&session.selection)
                .as_str()
                .to_owned(),
            bookmark: bookmark.as_str().to_owned(),
        },
        // Without a bookmark the change feed itself lists everybody, at 200 a page.
        None => Step::Following {
            link: session
                .client
                .first_delta_page(&session.selection)
                .as_str()
                .to_owned(),
        },
    };
    Ok(Round {
        mode: RunMode::Full,
        fingerprint: session.settings.fingerprint.clone(),
        step,
        known_links,
        people: 0,
        staged: false,
        restarts,
    })
}

/// Opens an incremental round.
pub(super) fn begin_incremental(session: &Session<'_>, cursor: &Cursor) -> Round {
    Round {
        mode: RunMode::Incremental,
        fingerprint: session.settings.fingerprint.clone(),
        step: Step::Following {
            link: cursor.delta_link.clone(),
        },
        known_links: 0,
        people: 0,
        staged: false,
        restarts: 0,
    }
}

impl Reading<'_, '_> {
    /// Reads until the round is closed.
    pub(super) fn until_closed(&mut self, round: &mut Round) -> Result<(), Halt> {
        while let Some(phase) = phase_of(&round.step) {
            let progress = Progress {
                phase,
                done: round.people,
                total: self.expected,
            };
            self.session.client.remember_progress(progress);
            self.bounds.next_page(
                self.session.ports.clock,
                self.session.ports.control,
                progress,
            )?;
            match self.step(round) {
                Ok(next) => *round = next,
                Err(Halt::Graph(error)) if broken_off(&error) => {
                    *round = self.start_again(round, error)?
                }
                Err(halt) => return Err(halt),
            }
        }
        Ok(())
    }

    fn step(&mut self, round: &Round) -> Result<Round, Halt> {
        match &round.step {
            Step::Listing { link, bookmark } => {
                let after_the_list = |_: Option<String>| Step::Following {
                    link: bookmark.clone(),
                };
                self.read_page(
                    round,
                    link,
                    |link| Step::Listing {
                        link,
                        bookmark: bookmark.clone(),
                    },
                    after_the_list,
                )
            }
            Step::Following { link } => {
                let verifies = round.mode == RunMode::Full
                    && round.known_links > 0
                    && self.session.settings.policies.removed != Removing::Keep;
                let closed = |delta_link: Option<String>| {
                    let delta_link = delta_link.unwrap_or_default();
                    if verifies {
                        Step::Verifying {
                            after: None,
                            delta_link,
                        }
                    } else {
                        Step::Closed { delta_link }
                    }
                };
                self.read_page(round, link, |link| Step::Following { link }, closed)
            }
            Step::Verifying { after, delta_link } => self.verify(round, after.as_ref(), delta_link),
            Step::Closed { .. } | Step::Removing { .. } => Ok(round.clone()),
        }
    }

    /// Reads a page and settles it; the round as it stands afterwards.
    fn read_page(
        &mut self,
        round: &Round,
        link: &str,
        go_on: impl Fn(String) -> Step,
        end: impl Fn(Option<String>) -> Step,
    ) -> Result<Round, Halt> {
        let session = self.session;
        let link = session
            .client
            .restore_link(link)
            .map_err(GraphError::from)?;
        let body = session.client.fetch(&link)?;
        let page = session.client.page(&body, &session.selection)?;
        let mut next = round.clone();
        next.step = match &page.next {
            Next::Page(link) => go_on(link.as_str().to_owned()),
            Next::Done(link) => end(Some(link.as_str().to_owned())),
            Next::End => end(None),
        };
        let people = self.people(&page);
        drop(page);
        next.people += people.live();
        self.settle(&people, round, next)
    }

    fn people(&self, page: &Page<'_>) -> People {
        People::new(
            page.users
                .iter()
                .map(|user| self.session.reader.read_item(user)),
        )
    }

    /// Settles everybody of a page, in portions that the store takes. Only the last portion moves the
    /// round on: a process that dies before it reads the page again, and finds done what is done.
    fn settle(&mut self, people: &People, before: &Round, mut after: Round) -> Result<Round, Halt> {
        let portions = people.portions(self.session.batch);
        let last = portions.len().saturating_sub(1);
        let mut nameless = people.nameless;
        if portions.len() == 0 {
            self.stage.settle(Settlement {
                decisions: Vec::new(),
                nameless,
                sightings: None,
                round: &after,
            })?;
        }
        for (number, items) in portions.enumerate() {
            let mut round = if number == last {
                after.clone()
            } else {
                before.clone()
            };
            round.staged |= after.staged;
            let Decided { decisions, linked } = decide(self.session, items, self.stage)?;
            round.staged |= decisions.iter().any(|decision| decision.takes_away());
            let conflicts = self.stage.settle(Settlement {
                decisions,
                nameless: std::mem::take(&mut nameless),
                sightings: self.sightings(&round, linked),
                round: &round,
            })?;
            self.settle_conflicts(people, conflicts, &mut round)?;
            after.staged = round.staged;
        }
        Ok(after)
    }

    /// Decides again about people whose contacts changed between lookup and commit.
    fn settle_conflicts(
        &mut self,
        people: &People,
        mut users: Vec<ObjectId>,
        round: &mut Round,
    ) -> Result<(), Halt> {
        for _ in 0..CONFLICT_ROUNDS {
            if users.is_empty() {
                return Ok(());
            }
            let items = people.only(&users);
            let Decided { decisions, .. } = decide(self.session, &items, self.stage)?;
            round.staged |= decisions.iter().any(|decision| decision.takes_away());
            users = self.stage.settle(Settlement {
                decisions,
                nameless: 0,
                sightings: None,
                round,
            })?;
        }
        self.stage.give_up(&users);
        Ok(())
    }

    /// Sightings are needed only where a link existed before the round.
    fn sightings(&self, round: &Round, linked: Vec<ObjectId>) -> Option<Sightings> {
        let needed = round.mode == RunMode::Full && round.known_links > 0 && !linked.is_empty();
        needed.then(|| Sightings {
            round: self.stage.round_name().to_owned(),
            object_ids: linked,
        })
    }

    /// Asks for the next linked people whom the round did not show.
    fn verify(
        &mut self,
        round: &Round,
        after: Option<&ObjectId>,
        delta_link: &str,
    ) -> Result<Round, Halt> {
        let session = self.session;
        let unseen = session.ports.store.unseen(
            &session.source,
            self.stage.round_name(),
            after,
            VERIFY_BATCH,
            &session.fields,
        )?;
        let mut next = round.clone();
        let users: Vec<_> = unseen
            .iter()
            .filter_map(|contact| contact.link.as_ref().map(|link| link.object_id.clone()))
            .collect();
        let Some(last) = users.last() else {
            next.step = Step::Closed {
                delta_link: delta_link.to_owned(),
            };
            self.stage.settle(Settlement {
                decisions: Vec::new(),
                nameless: 0,
                sightings: None,
                round: &next,
            })?;
            return Ok(next);
        };
        next.step = Step::Verifying {
            after: Some(last.clone()),
            delta_link: delta_link.to_owned(),
        };
        let findings = session.client.whereabouts(&users)?;
        let rules = session.rules();
        let decisions: Vec<_> = users
            .iter()
            .zip(&unseen)
            .zip(findings)
            .map(|((user, contact), finding)| rules.unseen(user, contact, finding.into()))
            .collect();
        next.staged |= decisions.iter().any(|decision| decision.takes_away());
        self.stage.settle(Settlement {
            decisions,
            nameless: 0,
            sightings: None,
            round: &next,
        })?;
        Ok(next)
    }

    /// The directory no longer knows where the round stood: read everybody, from the first page. That
    /// by itself removes nobody.
    fn start_again(&mut self, round: &Round, error: GraphError) -> Result<Round, Halt> {
        if round.restarts >= RESTARTS {
            return Err(error.into());
        }
        self.session.ports.control.log(
            Level::Warn,
            "round-restarted",
            &[("code", error.code().to_owned())],
        );
        self.stage.start_over()?;
        begin_full(self.session, self.stage.round_name(), round.restarts + 1)
    }
}

/// The phase of a step that reads; `None` once the round is closed.
fn phase_of(step: &Step) -> Option<Phase> {
    match step {
        Step::Listing { .. } | Step::Following { .. } => Some(Phase::Reading),
        Step::Verifying { .. } => Some(Phase::Verifying),
        Step::Closed { .. } | Step::Removing { .. } => None,
    }
}

/// Whether the directory has forgotten where the round stood.
fn broken_off(error: &GraphError) -> bool {
    matches!(
        error,
        GraphError::ResyncRequired(_) | GraphError::PageTokenExpired(_)
    )
}

impl From<Whereabouts> for Finding {
    fn from(whereabouts: Whereabouts) -> Self {
        match whereabouts {
            Whereabouts::Present { .. } => Self::Present,
            Whereabouts::SoftDeleted => Self::Deleted,
            Whereabouts::NotFound => Self::Nowhere,
            Whereabouts::Unknown(_) => Self::Unknown("lookup-failed".to_owned()),
        }
    }
}
