//! How far the requests over the wire have come, so that a test waits for one instead of sleeping.

use tokio::sync::watch;

/// Counts requests that were met, and lets held ones go.
#[derive(Debug, Default)]
pub(super) struct Arrivals {
    met: watch::Sender<u64>,
    /// Grows with every release.
    releases: watch::Sender<u64>,
}

impl Arrivals {
    /// Notes that one more request was met: its answer is on its way, or held.
    pub(super) fn meet(&self) {
        self.met.send_modify(|met| *met += 1);
    }

    /// How many requests were met.
    pub(super) fn met(&self) -> u64 {
        *self.met.borrow()
    }

    /// Waits until `wanted` requests were met.
    pub(super) async fn reached(&self, wanted: u64) {
        let mut met = self.met.subscribe();
        // The sender lives as long as `self`, which is borrowed here.
        let _ = met.wait_for(|met| *met >= wanted).await;
    }

    /// Lets every answer go that is held now.
    pub(super) fn release(&self) {
        self.releases.send_modify(|releases| *releases += 1);
    }

    /// What an answer that is to be held waits for. Taken before the request is noted as met, so
    /// that whoever waits for it and releases it then is not missed.
    pub(super) fn hold(&self) -> Hold {
        Hold(self.releases.subscribe())
    }
}

/// The wait of one held answer.
#[derive(Debug)]
pub(super) struct Hold(watch::Receiver<u64>);

impl Hold {
    /// Waits until held answers are released.
    pub(super) async fn released(mut self) {
        // Fails where the emulator is gone, and then there is nobody to answer.
        let _ = self.0.changed().await;
    }
}
