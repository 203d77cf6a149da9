//! Settings that wait to be put into force.

use api_types::shapes::moment;
use api_types::views::ProposalView;
use server_db::Proposal;

/// Settings that wait to be put into force, without what they say.
pub(crate) fn proposal_view(proposal: &Proposal) -> ProposalView {
    ProposalView {
        by: proposal.by.clone(),
        at: moment(proposal.at_ms.unsigned_abs()),
    }
}
