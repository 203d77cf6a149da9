//! The journal: what was done, to whom, and what it replaced.

use crate::bench::{self, Desk, SOURCE, base, list, pairs, remove, update};
use crate::bindings::imports::contact_store::{
    Commit, Outcome as Told, apply, journal, run_journal,
};
use crate::bindings::imports::types::{
    Create, Effect, Evidence, FieldChange, GivenValue, JournalEntry, Membership, RemovalKind,
    Update, Who,
};
use host_promises::verdict::{Amiss, Outcome, differs, holds, not_tried, same};

/// As many entries as a check reads.
const MANY: u32 = 50;

/// The last change to a user.
pub(crate) fn newest(user: &str) -> Result<JournalEntry, Amiss> {
    match of_user(user)?.into_iter().next() {
        Some(entry) => Ok(entry),
        None => differs("an entry of the journal", "none"),
    }
}

pub(crate) fn of_user(user: &str) -> Result<Vec<JournalEntry>, Amiss> {
    Ok(journal(SOURCE, &Who::User(user.to_owned()), MANY)?)
}

fn kept(desk: &Desk<'_>) -> Outcome {
    if desk.bench.store.journal {
        return Ok(());
    }
    not_tried("the store says that it keeps no journal")
}

fn effects(entries: &[JournalEntry]) -> Vec<Effect> {
    entries.iter().map(|entry| entry.what.effect).collect()
}

fn change(name: &str, before: Option<&str>, after: Option<&str>) -> FieldChange {
    FieldChange {
        field: name.to_owned(),
        before: before.map(str::to_owned),
        after: after.map(str::to_owned),
    }
}

pub(crate) fn entries(desk: &Desk<'_>) -> Outcome {
    kept(desk)?;
    let (first, second) = (&*desk.bench.first, &*desk.bench.second);
    let (one, two) = (desk.name("A"), desk.name("B"));
    let user = desk.user(0);
    let made = desk.made(Create {
        lists: vec![list(&one)],
        ..desk.create(0, &[(first, "A")])
    })?;
    let changed = Update {
        membership: Membership {
            join: vec![list(&two)],
            leave: vec![one.clone(), desk.name("never on it")],
        },
        ..update(&made, &[(first, Some("A")), (second, Some("B"))])
    };
    let version = desk.applied(changed.clone())?;
    // Decided on a version that is over by now: it is no entry.
    let told = desk.one(changed)?;
    same(
        "the outcome of the same change again",
        crate::bench::word(&told),
        "version".to_owned(),
    )?;

    let entries = of_user(&user)?;
    same(
        "effects, newest first",
        effects(&entries),
        vec![Effect::Update, Effect::Create],
    )?;
    let [updated, created] = &*entries else {
        return differs("two entries", host_promises::verdict::shown(&entries));
    };
    same("the contact", &updated.contact, &made.id)?;
    same("the version after the update", updated.version, version)?;
    same("the run", updated.run.as_deref(), Some(&*desk.name("run")))?;
    same(
        "the reason of the create",
        &*created.what.reason,
        "new-user",
    )?;
    same(
        "what the update changed",
        updated.what.fields.clone(),
        vec![change(second, None, Some("B"))],
    )?;
    let lists = (updated.what.joins.clone(), updated.what.leaves.clone());
    same(
        "lists joined and left",
        lists,
        (vec![two], vec![one.clone()]),
    )?;
    let given = created
        .what
        .fields
        .iter()
        .any(|it| *it == change(first, None, Some("A")));
    holds(
        "the create with the value that it gave",
        given,
        &created.what.fields,
    )?;
    same(
        "lists that the create joined",
        created.what.joins.clone(),
        vec![one],
    )
}

pub(crate) fn order(desk: &Desk<'_>) -> Outcome {
    kept(desk)?;
    let first = &*desk.bench.first;
    let mut contact = desk.holding(0, "A")?;
    for value in ["B", "C"] {
        desk.applied(update(&contact, &[(first, Some(value))]))?;
        contact = desk.contact(&contact.id)?;
    }
    let user = Who::User(desk.user(0));
    let numbers = |limit| -> Result<Vec<u64>, Amiss> {
        let entries = journal(SOURCE, &user, limit)?;
        Ok(entries.iter().map(|entry| entry.number.number).collect())
    };
    let all = numbers(MANY)?;
    let falling = all
        .windows(2)
        .all(|pair| matches!(pair, [newer, older] if newer > older));
    holds(
        "three numbers, the newest and greatest first",
        all.len() == 3 && falling,
        &all,
    )?;
    let two = all.iter().take(2).copied().collect::<Vec<_>>();
    same("the last two", numbers(2)?, two)
}

pub(crate) fn who(desk: &Desk<'_>) -> Outcome {
    kept(desk)?;
    let contact = desk.made(desk.addressed(0))?;
    let names = [
        Who::User(desk.user(0)),
        Who::Contact(contact.id.clone()),
        Who::Address(desk.address(0).to_uppercase()),
    ];
    let expect = |expected: &[Effect]| -> Outcome {
        for who in &names {
            let found = journal(SOURCE, who, MANY)?;
            same(
                &format!("the effects on {who:?}"),
                effects(&found),
                expected.to_vec(),
            )?;
        }
        Ok(())
    };
    expect(&[Effect::Create])?;
    desk.applied(remove(&contact, &desk.user(0), RemovalKind::Delete))?;
    expect(&[Effect::Delete, Effect::Create])
}

pub(crate) fn evidence(desk: &Desk<'_>) -> Outcome {
    kept(desk)?;
    let contact = desk.holding(0, "A")?;
    let mut removal = remove(&contact, &desk.user(0), RemovalKind::Deactivate);
    removal.evidence = Evidence::LeftScope("department".to_owned());
    desk.applied(removal)?;
    let found: Vec<_> = of_user(&desk.user(0))?
        .into_iter()
        .map(|entry| (entry.what.effect, entry.what.evidence))
        .collect();
    let why = Evidence::LeftScope("department".to_owned());
    same(
        "effects with their evidence",
        found,
        vec![(Effect::Deactivate, Some(why)), (Effect::Create, None)],
    )
}

pub(crate) fn given(desk: &Desk<'_>) -> Outcome {
    kept(desk)?;
    let (first, second) = (&*desk.bench.first, &*desk.bench.second);
    let before = desk.holding(0, "A")?;
    let told = vec![
        bench::given(first, Some("Ä"), Some("A")),
        GivenValue {
            answered: false,
            ..bench::given(second, Some("B"), None)
        },
    ];
    desk.applied(Update {
        directory: told.clone(),
        ..update(&before, &[])
    })?;
    let after = desk.contact(&before.id)?;
    same("the fields", pairs(&after.fields), pairs(&before.fields))?;
    same("the base", base(&after), base(&before))?;
    same(
        "what the directory was given, in the journal",
        newest(&desk.user(0))?.directory,
        told.clone(),
    )?;
    let of_run = run_journal(SOURCE, &desk.name("run"), None, MANY)?;
    let of_run = of_run.into_iter().map(|entry| entry.directory);
    same(
        "what it was given, in the journal of the run",
        of_run.collect::<Vec<_>>(),
        vec![told, Vec::new()],
    )
}

pub(crate) fn of_run(desk: &Desk<'_>) -> Outcome {
    kept(desk)?;
    let first = &*desk.bench.first;
    let run = |run: &str, change| -> Outcome {
        match &*desk.apply(run, vec![change])? {
            [Told::Applied(_)] => Ok(()),
            other => differs("applied", host_promises::verdict::shown(&other)),
        }
    };
    for person in [2, 0, 1] {
        run("of run", desk.create(person, &[(first, "A")]).into())?;
    }
    let contact = desk.linked(&desk.user(0))?;
    run("of run", update(&contact, &[(first, Some("B"))]).into())?;
    let contact = desk.linked(&desk.user(0))?;
    run(
        "another run",
        update(&contact, &[(first, Some("C"))]).into(),
    )?;
    let read = |after: Option<&str>, limit| -> Result<Vec<(String, Effect)>, Amiss> {
        let entries = run_journal(SOURCE, &desk.name("of run"), after, limit)?;
        let told = entries
            .into_iter()
            .map(|entry| (entry.what.object_id, entry.what.effect));
        Ok(told.collect())
    };
    let made = |person| (desk.user(person), Effect::Create);
    same(
        "the first two users",
        read(None, 2)?,
        vec![(desk.user(0), Effect::Update), made(0), made(1)],
    )?;
    same(
        "the users after the second",
        read(Some(&desk.user(1)), 2)?,
        vec![made(2)],
    )?;
    same(
        "the users after the last",
        read(Some(&desk.user(2)), 2)?,
        Vec::new(),
    )?;
    let page = Commit {
        changes: vec![desk.create(3, &[]).into()],
        run: None,
        ..desk.commit("of run")
    };
    apply(&page)?;
    same(
        "the run of what belongs to none",
        newest(&desk.user(3))?.run,
        None,
    )?;
    Ok(())
}
