//! Where a round turns from groups to people.
//!
//! Groups are read and judged first. Then everybody has them: people on a page, and those who are asked for. In a
//! round of changes, whoever joined or left a group is asked for as if the feed of changes had said too little
//! of them; where nobody can say who is concerned, everybody is read.

use crate::mapping::person::Item;
use crate::ports::{DirectoryError, Level};
use crate::run::RunMode;

use super::checkpoint::Round;
use super::groups;
use super::page::People;
use super::reading::Reading;
use super::run_abort::RunAbort;
use super::stage::Settlement;
use super::staged::Deferred;
use super::stepped::{RESTARTS, Stepped};

/// People of one commit.
const AT_ONCE: u32 = 1_000;

impl Reading<'_, '_> {
    /// The next step of a round that has not come to its people yet.
    pub(super) fn step_of_groups(&mut self, round: &Round) -> Result<Option<Stepped>, RunAbort> {
        let session = self.session;
        let (Some(stand), Some(groups), Some(feed)) = (
            &round.groups,
            self.groups.as_mut(),
            session.directory.groups(),
        ) else {
            return Ok(None);
        };
        if !stand.is_concluded {
            let stepped = groups.step(&feed, session, self.stage, self.bounds, round)?;
            return Ok(Some(stepped));
        }
        // Whoever dies after the groups were concluded comes by here again.
        match round.mode {
            RunMode::Incremental if stand.everybody || stand.is_fresh => {
                let why = [("why", "groups".to_owned())];
                let control = session.ports.control;
                control.log(Level::Info, "round-restarted", &why);
                // Nothing of it is in the state yet: were it counted, a slice of one page would end here for ever.
                let again = self.restart(round, round.restarts)?;
                Ok(Some(Stepped::Passed(again)))
            }
            RunMode::Incremental if !stand.is_asked => self.ask_changed(round.clone()).map(Some),
            RunMode::Incremental | RunMode::Full => Ok(None),
        }
    }

    /// Lets everybody wait to be asked for whose memberships have changed, in this round or in one that did not come
    /// to its end.
    fn ask_changed(&mut self, mut round: Round) -> Result<Stepped, RunAbort> {
        let is_plan = self.stage.run_id().is_none();
        let state = self.session.ports.state;
        let mut any = false;
        // A plan sees what waits for the sync, and what it found itself.
        let found_by_a_plan: &[bool] = if is_plan { &[false, true] } else { &[false] };
        for by_plan in found_by_a_plan {
            let mut after = None;
            loop {
                let people = groups::changed(state, *by_plan, after.as_ref(), AT_ONCE)?;
                let Some(last) = people.last() else { break };
                after = Some(last.clone());
                any = true;
                round.waiting = true;
                round.to_ask += people.len() as u64;
                let deferred = people.into_iter().map(|user| (user, Deferred::Ask));
                self.stage.settle(Settlement {
                    remembered: Vec::new(),
                    decisions: Vec::new(),
                    nameless: 0,
                    deferred: deferred.collect(),
                    sightings: None,
                    round: Some(&round),
                })?;
            }
        }
        if let Some(groups) = round.groups.as_mut() {
            groups.is_asked = true;
        }
        if !any {
            return Ok(Stepped::Passed(round));
        }
        self.stage.keep(Vec::new(), Some(&round))?;
        Ok(Stepped::Settled(round))
    }

    /// The directory no longer knows where the reading of the groups stood: they are read from the beginning,
    /// which by itself takes nobody off a list.
    pub(super) fn groups_again(
        &mut self,
        round: &Round,
        error: DirectoryError,
    ) -> Result<Round, RunAbort> {
        let session = self.session;
        let mut next = round.clone();
        let Some(stood) = next.groups.as_mut() else {
            return Err(error.into());
        };
        if stood.restarts >= RESTARTS {
            return Err(error.into());
        }
        let code = [("code", error.code().to_owned())];
        session
            .ports
            .control
            .log(Level::Warn, "groups-restarted", &code);
        // Saved before anything of it is taken away: whoever dies begins it again.
        stood.link = None;
        stood.unknown_members = true;
        self.stage.keep(Vec::new(), Some(&next))?;
        Ok(next)
    }

    /// The people of a page, with their groups.
    pub(super) fn people_on(&mut self, mut items: Vec<Item>) -> Result<People, RunAbort> {
        groups::attach(self.groups.as_mut(), self.session, &mut items)?;
        Ok(People::new(items))
    }
}
