//! Injected faults: which of those that are set meets a request.

use emulated_http::Call;

/// A fault with conditions: which requests it meets, and how often. What it then does is the emulator's own.
pub trait Conditional: Clone {
    /// Whether it is about a request, whose path and query are `target`.
    fn concerns(&self, call: &Call, target: &str) -> bool;

    /// How many matching requests pass before it sets in.
    fn skip(&mut self) -> &mut u64;

    /// How many requests it meets; without a number, every one until it is cleared.
    fn times(&mut self) -> &mut Option<u64>;
}

/// Whether a request has a method, in any case of letters, and a target that contains a text.
#[must_use]
pub fn fits(method: Option<&str>, path: Option<&str>, call: &Call, target: &str) -> bool {
    let has_method = method.is_none_or(|wanted| call.method.as_str().eq_ignore_ascii_case(wanted));
    has_method && path.is_none_or(|wanted| target.contains(wanted))
}

/// The faults that are set, in the order they were set.
#[derive(Debug)]
pub struct Faults<F>(Vec<F>);

impl<F> Default for Faults<F> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<F: Conditional> Faults<F> {
    /// Sets one, behind the others.
    pub fn inject(&mut self, fault: F) {
        self.0.push(fault);
    }

    /// Those that are set, with what is left of their counts.
    #[must_use]
    pub fn list(&self) -> Vec<F> {
        self.0.clone()
    }

    /// Forgets all of them.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The first fault that meets a request, counted down; a spent one is dropped.
    pub fn meet(&mut self, call: &Call) -> Option<F> {
        let target = call.target();
        let mut met = None;
        for (place, fault) in self.0.iter_mut().enumerate() {
            if *fault.times() == Some(0) || !fault.concerns(call, &target) {
                continue;
            }
            if *fault.skip() > 0 {
                *fault.skip() -= 1;
                continue;
            }
            if let Some(times) = fault.times() {
                *times -= 1;
            }
            met = Some((place, fault.clone()));
            break;
        }
        let (place, mut fault) = met?;
        if *fault.times() == Some(0) {
            self.0.remove(place);
        }
        Some(fault)
    }
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;

    #[derive(Clone, Debug)]
    struct Lists {
        skip: u64,
        times: Option<u64>,
    }

    impl Conditional for Lists {
        fn concerns(&self, call: &Call, target: &str) -> bool {
            fits(Some("get"), Some("/lists"), call, target)
        }

        fn skip(&mut self) -> &mut u64 {
            &mut self.skip
        }

        fn times(&mut self) -> &mut Option<u64> {
            &mut self.times
        }
    }

    #[test]
    fn a_fault_meets_the_requests_it_names_as_often_as_it_says() {
        let mut faults = Faults::default();
        faults.inject(Lists {
            skip: 1,
            times: Some(2),
        });
        let call = |method, target| Call::new(method, target, "http://127.0.0.1:1");
        let lists = call(Method::GET, "/api/lists?pageSize=1");
        assert!(faults.meet(&call(Method::GET, "/api/contacts")).is_none());
        assert!(faults.meet(&call(Method::POST, "/api/lists")).is_none());
        assert!(faults.meet(&lists).is_none(), "the first is skipped");
        assert!(faults.meet(&lists).is_some());
        assert!(faults.meet(&lists).is_some());
        assert!(faults.meet(&lists).is_none(), "spent");
        assert!(faults.list().is_empty());
    }
}
