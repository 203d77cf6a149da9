//! The runtime against a component that breaks every rule.
//!
//! Each misbehaviour ends in its own error, in bounded time, and the next call works. A test would
//! pass by accident if the guest refused the request word, so every test names the error it expects.

mod budgets;
mod network;
mod platform;

use host_harness::contract::{
    Directive, Error, ReportRequest, RunMode, Slice, SliceEnd, SyncRequest,
};
use host_harness::runtime::{
    Answer, Call, CallError, Connector, Limits, Runtime, RuntimeOptions, WallClock, Workspace,
};
use platform::{OneSecret, Platform, Recorder};
use std::sync::Arc;
use std::sync::LazyLock;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

fn guest_bytes() -> Vec<u8> {
    std::fs::read(env!("MISBEHAVING_GUEST_WASM")).unwrap()
}

/// Compiled once for all tests; every call is a fresh instance all the same.
fn guest() -> &'static Connector {
    static GUEST: LazyLock<Connector> = LazyLock::new(|| {
        Runtime::new(RuntimeOptions::default())
            .unwrap()
            .load(&guest_bytes())
            .unwrap()
    });
    &GUEST
}

fn workspace() -> Workspace {
    Workspace::new(Arc::new(Platform::default()))
}

fn limited(limits: Limits) -> Workspace {
    Workspace {
        limits,
        ..workspace()
    }
}

/// Calls `plan` and gives the digest, where the guest puts what came of the request.
async fn plan(workspace: &Workspace, request: &str) -> Answer<String> {
    let answer = guest().plan(workspace, request, RunMode::Full).await;
    Answer {
        result: answer.result.map(|summary| summary.digest),
        stats: answer.stats,
        output: answer.output,
    }
}

async fn failure(workspace: &Workspace, request: &str) -> CallError {
    let error = plan(workspace, request).await.result.unwrap_err();
    assert!(
        error.to_string().starts_with("plan: "),
        "the error names the call: {error}"
    );
    assert_eq!(
        plan(workspace, "ok").await.result.as_deref(),
        Ok("well behaved")
    );
    error
}

/// What the guest says of a failure that it was told and could handle.
async fn told(workspace: &Workspace, request: &str) -> String {
    match failure(workspace, request).await {
        CallError::Guest {
            error: Error::Other(failure),
            ..
        } => failure.message,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn every_export_can_be_called() {
    let workspace = workspace();
    let description = guest().describe(&workspace).await.result.unwrap();
    assert_eq!(description.name, "Misbehaving guest");
    let report = guest().configure(&workspace, "ok").await.result.unwrap();
    assert!(report.ready);
    let request = SyncRequest {
        mode: RunMode::Full,
        trigger: "manual".to_owned(),
        slice: Slice {
            max_pages: None,
            max_ms: None,
        },
        approval: None,
    };
    let synced = guest()
        .sync(&workspace, "ok", request)
        .await
        .result
        .unwrap();
    assert_eq!(synced.end, SliceEnd::Finished);
    let request = ReportRequest { running: false };
    let overview = guest()
        .report(&workspace, "ok", request)
        .await
        .result
        .unwrap();
    assert_eq!(overview.explanation, "well behaved");
}

#[tokio::test]
async fn a_call_tells_what_it_used() {
    let stats = plan(&workspace(), "ok").await.stats;
    assert!(stats.peak_memory_bytes >= 64 << 10, "{stats:?}");
    assert!(stats.instantiation > Duration::ZERO && stats.instantiation < stats.duration);
    assert_eq!(stats.http_requests, 0);
}

#[tokio::test]
async fn an_error_of_the_contract_is_passed_on_whole() {
    assert_eq!(told(&workspace(), "refuse").await, "refused as asked");
}

#[tokio::test]
async fn an_endless_loop_ends_with_the_call_time() {
    let limit = Duration::from_millis(200);
    let workspace = limited(Limits {
        call_time: limit,
        ..Limits::default()
    });
    let started = Instant::now();
    assert_eq!(
        failure(&workspace, "loop").await,
        CallError::TimedOut {
            call: Call::Plan,
            limit
        }
    );
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn an_endless_loop_ends_with_the_processor_time() {
    let limit = Duration::from_millis(100);
    let workspace = limited(Limits {
        cpu_time: limit,
        ..Limits::default()
    });
    assert_eq!(
        failure(&workspace, "loop").await,
        CallError::OutOfProcessorTime {
            call: Call::Plan,
            limit
        }
    );
}

#[tokio::test]
async fn a_loop_does_not_keep_the_executor_from_other_work() {
    // One thread: without giving way, the loop would go on until its processor time ends.
    let workspace = limited(Limits {
        cpu_time: Duration::from_secs(5),
        ..Limits::default()
    });
    tokio::select! {
        biased;
        answer = plan(&workspace, "loop") => panic!("the loop ended first: {answer:?}"),
        () = tokio::time::sleep(Duration::from_millis(20)) => {}
    }
    assert_eq!(
        plan(&workspace, "ok").await.result.as_deref(),
        Ok("well behaved"),
        "an abandoned call leaves the connector usable"
    );
}

#[tokio::test]
async fn a_sleep_ends_with_the_call_time() {
    let limit = Duration::from_millis(100);
    let workspace = limited(Limits {
        call_time: limit,
        ..Limits::default()
    });
    assert_eq!(
        failure(&workspace, "sleep").await,
        CallError::TimedOut {
            call: Call::Plan,
            limit
        }
    );
}

#[tokio::test]
async fn memory_ends_at_its_limit() {
    let limit = 8 << 20;
    let workspace = limited(Limits {
        memory_bytes: limit,
        ..Limits::default()
    });
    let answer = plan(&workspace, "allocate").await;
    assert_eq!(
        answer.result,
        Err(CallError::OutOfMemory {
            call: Call::Plan,
            limit
        })
    );
    assert!(answer.stats.peak_memory_bytes <= limit);
    assert!(answer.stats.peak_memory_bytes > limit / 2);
    failure(&workspace, "allocate").await;
}

#[tokio::test]
async fn a_panic_is_a_crash_whose_message_is_kept_out_of_the_error() {
    let answer = plan(&workspace(), "panic jane@example.com").await;
    let error = answer.result.unwrap_err();
    assert!(matches!(&error, CallError::Trapped { reason, .. } if reason == "panic or abort"));
    assert!(!format!("{error} {error:?}").contains("jane"), "{error:?}");
    assert!(
        !format!("{:?}", answer.output).contains("jane"),
        "{:?}",
        answer.output
    );
    assert!(
        answer
            .output
            .sensitive_stderr()
            .contains("jane@example.com")
    );
    failure(&workspace(), "panic").await;
}

#[tokio::test]
async fn an_endless_recursion_is_a_crash() {
    let error = failure(&workspace(), "stack").await;
    assert!(matches!(&error, CallError::Trapped { reason, .. } if reason == "stack overflow"));
}

#[tokio::test]
async fn an_exit_is_no_answer() {
    // WASI 0.2 knows success and failure only; a status of its own becomes 1.
    let error = failure(&workspace(), "exit").await;
    assert_eq!(
        error,
        CallError::Exited {
            call: Call::Plan,
            status: 1
        }
    );
}

#[tokio::test]
async fn an_answer_that_is_no_text_is_a_crash() {
    let error = failure(&workspace(), "nonsense").await;
    assert!(matches!(&error, CallError::Trapped { reason, .. } if reason.contains("utf-8")));
}

#[tokio::test]
async fn a_flood_of_output_is_swallowed_and_hurts_nobody() {
    let workspace = limited(Limits {
        output_bytes: 1000,
        ..Limits::default()
    });
    let answer = plan(&workspace, "stdout-flood").await;
    assert_eq!(answer.result.as_deref(), Ok("wrote it all"));
    assert_eq!(answer.output.sensitive_stdout().len(), 1000);
    assert_eq!(answer.output.sensitive_stderr().len(), 1000);
    assert_eq!(answer.output.swallowed_bytes(), 2 * (4096 * 1024 - 1000));
}

#[tokio::test]
async fn a_flood_of_log_events_is_cut_off_and_counted() {
    let recorder = Arc::new(Recorder::default());
    let workspace = Workspace {
        control: recorder.clone(),
        ..limited(Limits {
            log_events: 10,
            ..Limits::default()
        })
    };
    let answer = plan(&workspace, "log-flood").await;
    assert_eq!(answer.result.as_deref(), Ok("logged it all"));
    assert_eq!(recorder.events(), 10);
    assert_eq!(answer.stats.swallowed_log_events, 9990);
}

#[tokio::test]
async fn the_host_can_ask_a_call_to_stop() {
    for directive in [Directive::GoOn, Directive::Stop] {
        let control = Arc::new(Recorder::answering(directive));
        let workspace = Workspace {
            control,
            ..workspace()
        };
        let answer = plan(&workspace, "progress").await;
        assert_eq!(answer.result, Ok(format!("{directive:?}")));
    }
}

#[tokio::test]
async fn too_large_an_argument_ends_the_call_before_the_host_has_copied_it() {
    let limit = 1 << 20;
    let workspace = limited(Limits {
        data_bytes: limit,
        ..Limits::default()
    });
    assert_eq!(
        failure(&workspace, "big-list").await,
        CallError::TooMuchData {
            call: Call::Plan,
            limit
        }
    );
}

#[tokio::test]
async fn handles_end_at_their_limit() {
    let workspace = Workspace {
        secrets: Arc::new(OneSecret),
        ..limited(Limits {
            handles: 50,
            ..Limits::default()
        })
    };
    assert_eq!(
        failure(&workspace, "many-resources client-secret").await,
        CallError::TooManyHandles {
            call: Call::Plan,
            limit: 50
        }
    );
}

#[tokio::test]
async fn a_secret_is_given_by_name_and_only_where_the_workspace_has_it() {
    let given = Workspace {
        secrets: Arc::new(OneSecret),
        ..workspace()
    };
    assert_eq!(
        plan(&given, "secret client-secret").await.result.as_deref(),
        Ok("hunter2")
    );
    assert!(told(&given, "secret other").await.contains("NotFound"));
    assert!(
        told(&workspace(), "secret client-secret")
            .await
            .contains("NotFound")
    );
}

#[tokio::test]
async fn the_store_answers_through_the_contract() {
    assert_eq!(
        plan(&workspace(), "lookup known").await.result.as_deref(),
        Ok("found 1")
    );
    assert_eq!(
        plan(&workspace(), "lookup other").await.result.as_deref(),
        Ok("found 0")
    );
}

#[tokio::test]
async fn a_panicking_store_is_the_hosts_failure_and_the_next_call_works() {
    assert_eq!(
        failure(&workspace(), "lookup panic").await,
        CallError::Host {
            call: Call::Plan,
            import: "contact-store.lookup"
        }
    );
}

#[tokio::test]
async fn a_call_that_runs_out_of_time_waits_for_the_transaction_it_began() {
    let platform = Arc::new(Platform::default());
    let workspace = Workspace {
        limits: Limits {
            call_time: Duration::from_millis(50),
            ..Limits::default()
        },
        ..Workspace::new(platform.clone())
    };
    let answer = plan(&workspace, "lookup slow").await;
    assert!(matches!(answer.result, Err(CallError::TimedOut { .. })));
    assert_eq!(platform.finished_slow_lookups(), 1);
}

#[tokio::test]
async fn there_are_no_files_no_sockets_and_no_environment() {
    let workspace = workspace();
    let files = told(&workspace, "files").await;
    assert!(files.contains("os error"), "{files}");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let sockets = told(
        &workspace,
        &format!("sockets {}", listener.local_addr().unwrap()),
    )
    .await;
    assert!(sockets.contains("os error"), "{sockets}");
    assert_eq!(
        plan(&workspace, "environment").await.result.as_deref(),
        Ok("0 variables, 0 arguments")
    );
}

#[tokio::test]
async fn the_time_of_day_can_be_given() {
    struct Noon;
    impl WallClock for Noon {
        fn since_epoch(&self) -> Duration {
            Duration::from_secs(43_200)
        }
    }
    let workspace = Workspace {
        clock: Some(Arc::new(Noon)),
        ..workspace()
    };
    assert_eq!(
        plan(&workspace, "clock").await.result.as_deref(),
        Ok("43200")
    );
}

#[test]
fn a_second_start_takes_the_compiled_component_from_the_cache() {
    let directory = tempfile::tempdir().unwrap();
    let options = RuntimeOptions {
        cache_directory: Some(directory.path().join("compiled")),
    };
    let first = Runtime::new(options.clone()).unwrap();
    first.load(&guest_bytes()).unwrap();
    assert_eq!(first.cache_hits(), 0);
    let second = Runtime::new(options).unwrap();
    second.load(&guest_bytes()).unwrap();
    assert_eq!(second.cache_hits(), 1);
}
