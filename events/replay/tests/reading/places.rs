//! The folder that work lies in: nobody else's, and nothing stays in it for ever.
#![cfg(unix)]

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use postern_replay::source::Source;
use postern_replay::work::usual_folder;

use crate::desk::{Desk, Ran, files};
use crate::history::{rows, write_file, write_full};

/// Runs it for a user without a home.
fn homeless(desk: &Desk, words: &[&str]) -> Ran {
    desk.run_in(words, |it| {
        it.env_remove("HOME").env_remove("XDG_CACHE_HOME").env("TMPDIR", desk.path("tmp"));
    })
}

/// A log that isn't in order, and a folder for what is temporary.
fn unsorted() -> Desk {
    let desk = Desk::new();
    fs::create_dir(desk.path("tmp")).unwrap();
    let mut rows = rows();
    rows.reverse();
    write_file(&desk.path("log.jsonl"), &rows);
    write_full(&desk.path("copied"));
    desk
}

const FROM_FILES: [&str; 3] = ["stats", "--from", "@log.jsonl"];
const FROM_EXPORT: [&str; 3] = ["verify", "--from", "@copied"];

#[test]
fn without_a_home_work_lies_in_a_folder_that_is_ours_alone() {
    let desk = unsorted();
    for asked in [FROM_FILES, FROM_EXPORT] {
        let ran = homeless(&desk, &asked);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""));
        let mode = fs::metadata(desk.path("tmp/postern")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        assert_eq!(files(&desk.path("tmp")), [], "nothing stays");
    }
}

#[track_caller]
fn is_refused(desk: &Desk, asked: &[&str], folder: &Path) {
    let ran = homeless(desk, asked);
    let due = format!(
        "postern: {} is no folder that is only yours: remove it, name another one with --work, or set \
         HOME\n",
        folder.display()
    );
    assert_eq!((ran.code, ran.out.as_str(), ran.err), (1, "", due));
}

#[test]
fn a_folder_that_others_may_reach_into_is_refused() {
    let desk = unsorted();
    let all = desk.path("tmp/postern");
    fs::create_dir(&all).unwrap();
    for mode in [0o777, 0o755, 0o710] {
        fs::set_permissions(&all, Permissions::from_mode(mode)).unwrap();
        for asked in [FROM_FILES, FROM_EXPORT] {
            is_refused(&desk, &asked, &all);
        }
    }
    assert_eq!(fs::read_dir(&all).unwrap().count(), 0, "nothing was put there");
    fs::set_permissions(&all, Permissions::from_mode(0o700)).unwrap();
    assert_eq!(homeless(&desk, &FROM_EXPORT).code, 0);
}

#[test]
fn a_link_is_refused_and_nothing_is_put_where_it_leads() {
    let desk = unsorted();
    fs::create_dir(desk.path("elsewhere")).unwrap();
    fs::set_permissions(desk.path("elsewhere"), Permissions::from_mode(0o700)).unwrap();
    symlink(desk.path("elsewhere"), desk.path("tmp/postern")).unwrap();
    for asked in [FROM_FILES, FROM_EXPORT] {
        is_refused(&desk, &asked, &desk.path("tmp/postern"));
    }
    assert_eq!(fs::read_dir(desk.path("elsewhere")).unwrap().count(), 0);
}

#[test]
fn the_folder_of_one_log_is_looked_at_as_that_of_all() {
    let desk = unsorted();
    let source = Source::named(desk.path("copied").to_str().unwrap()).unwrap();
    let name = usual_folder(&source.to_string()).file_name().unwrap().to_owned();
    let (all, folder) = (desk.path("tmp/postern"), desk.path("tmp/postern").join(name));
    fs::create_dir_all(&folder).unwrap();
    fs::set_permissions(&all, Permissions::from_mode(0o700)).unwrap();
    fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
    is_refused(&desk, &FROM_EXPORT, &folder);
}

#[test]
fn a_folder_that_somebody_names_is_their_own_choice() {
    let desk = unsorted();
    fs::create_dir(desk.path("work")).unwrap();
    fs::set_permissions(desk.path("work"), Permissions::from_mode(0o755)).unwrap();
    let ran = homeless(&desk, &[FROM_EXPORT.as_slice(), &["--work", "@work"]].concat());
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
}

/// The number of a process that is gone.
fn gone() -> u32 {
    let mut process = Command::new("true").spawn().unwrap();
    process.wait().unwrap();
    process.id()
}

/// A folder with a file in it, and a lock that nobody holds.
fn leave(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("000000.run"), "left").unwrap();
    fs::write(folder.join("lock"), "").unwrap();
}

/// As if nothing had happened there for so long.
fn age(folder: &Path, hours: u64) {
    // It was made just now.
    let made = fs::metadata(folder).unwrap().modified().unwrap();
    let then = made - Duration::from_hours(hours);
    let inner = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    for path in inner.chain([folder.to_owned()]) {
        File::open(path).unwrap().set_modified(then).unwrap();
    }
}

fn names(folder: &Path) -> Vec<String> {
    let name = |it: std::io::Result<fs::DirEntry>| it.unwrap().file_name().into_string().unwrap();
    let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(name).collect();
    names.sort();
    names
}

#[test]
fn what_processes_left_that_are_gone_is_removed_from_a_folder_that_is_taken() {
    let desk = unsorted();
    // It comes to no end, and so its own work stays.
    let second = desk.path("copied/AWSDynamoDB/01-full/data/two.json.gz");
    let whole = fs::read(&second).unwrap();
    fs::write(&second, &whole[..whole.len() / 2]).unwrap();
    let (gone, living) = (gone(), std::process::id());
    for kind in ["by-sequence", "by-stream", "facts", "views"] {
        leave(&desk.path(&format!("work/{kind}-{gone}")));
    }
    fs::write(desk.path("work/lock"), "").unwrap();
    fs::remove_file(desk.path(&format!("work/facts-{gone}/lock"))).unwrap();
    let kept = [format!("facts-{living}"), "notes".to_owned(), format!("notes-{gone}")];
    for name in &kept {
        leave(&desk.path(&format!("work/{name}")));
    }
    desk.refused(&[FROM_EXPORT.as_slice(), &["--work", "@work"]].concat());
    let folders: Vec<_> = names(&desk.path("work"))
        .into_iter()
        .filter(|it| desk.path("work").join(it).is_dir())
        .collect();
    assert_eq!(folders, kept);
}

#[test]
fn of_a_folder_that_is_shared_only_what_would_be_locked_is_removed() {
    let desk = unsorted();
    let (gone, living) = (gone(), std::process::id());
    let kept = [format!("by-stream-{living}"), format!("facts-{gone}")];
    for name in [&kept[0], &kept[1], &format!("by-sequence-{gone}")] {
        leave(&desk.path(&format!("work/{name}")));
    }
    // Nobody knows whether whoever holds no lock works in it.
    fs::remove_file(desk.path(&format!("work/facts-{gone}/lock"))).unwrap();
    desk.done(&[FROM_FILES.as_slice(), &["--work", "@work"]].concat());
    assert_eq!(names(&desk.path("work")), kept);
}

#[test]
fn work_that_nobody_goes_on_with_is_removed_from_the_cache() {
    let desk = unsorted();
    let cache = desk.path("cache/postern");
    let gone = gone();
    let [old, fresh, held, second] =
        ["AAAAAAAAAAAAAAAA", "BBBBBBBBBBBBBBBB", "CCCCCCCCCCCCCCCC", "DDDDDDDDDDDDDDDD"];
    let (second, other) = (format!("{second}.{gone}"), "somebody-else-s".to_owned());
    for name in [old, fresh, held, &second, &other] {
        leave(&cache.join(name));
    }
    fs::write(cache.join(old).join("progress.json"), "{}").unwrap();
    age(&cache.join(old), 7);
    age(&cache.join(fresh), 5);
    age(&cache.join(held), 7);
    age(&cache.join(&other), 7);
    let lock = File::open(cache.join(held).join("lock")).unwrap();
    lock.lock().unwrap();
    desk.done(&FROM_EXPORT);
    assert_eq!(names(&cache), [fresh, held, &other]);
    drop(lock);
    desk.done(&FROM_FILES);
    assert_eq!(names(&cache), [fresh, &other]);
}

/// What somebody keeps in a folder.
const NOTES: [&str; 4] =
    ["notes.txt", "date=2026-01-01/events.jsonl", "lock", "facts-1/000000.csv"];

#[test]
fn a_folder_with_other_things_is_refused_and_nothing_in_it_is_touched() {
    for name in NOTES {
        let desk = unsorted();
        let path = desk.path("mine").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "mine").unwrap();
        let said = desk.refused(&[FROM_EXPORT.as_slice(), &["--work", "@mine"]].concat());
        let due = format!(
            "postern: {} holds other things than work: name an empty folder, or one that isn't there \
             yet\n",
            desk.path("mine").display()
        );
        assert_eq!(said, due, "{name}");
        assert_eq!(files(&desk.path("mine")), [(name.to_owned(), b"mine".to_vec())]);
    }
}

#[test]
fn what_others_put_beside_work_stays_when_it_is_done() {
    let desk = unsorted();
    let (gone, second) = (gone(), desk.path("copied/AWSDynamoDB/01-full/data/two.json.gz"));
    let whole = fs::read(&second).unwrap();
    fs::write(&second, &whole[..whole.len() / 2]).unwrap();
    let verify = [FROM_EXPORT.as_slice(), &["--work", "@work"]].concat();
    desk.refused(&verify);
    assert_eq!(names(&desk.path("work")), ["000000.run", "lock", "progress.json"]);
    let mine = ["1.run".to_owned(), format!("facts-{gone}/2024.csv"), "run.txt".to_owned()];
    for name in &mine {
        let path = desk.path("work").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "mine").unwrap();
    }
    // Empty: nobody knows whose it is.
    fs::create_dir(desk.path(&format!("work/views-{gone}"))).unwrap();
    leave(&desk.path(&format!("work/by-stream-{gone}")));
    fs::write(&second, whole).unwrap();
    desk.done(&verify);
    assert_eq!(files(&desk.path("work")), mine.map(|it| (it, b"mine".to_vec())));
    assert!(desk.path(&format!("work/views-{gone}")).is_dir());
    assert!(!desk.path(&format!("work/by-stream-{gone}")).exists());
}

#[test]
fn an_empty_folder_is_worked_in_and_goes_with_the_work() {
    let desk = unsorted();
    fs::create_dir(desk.path("work")).unwrap();
    desk.done(&[FROM_EXPORT.as_slice(), &["--work", "@work"]].concat());
    assert!(!desk.path("work").exists());
    // A link to one is not a folder that one may remove.
    fs::create_dir(desk.path("elsewhere")).unwrap();
    symlink(desk.path("elsewhere"), desk.path("link")).unwrap();
    desk.done(&[FROM_EXPORT.as_slice(), &["--work", "@link"]].concat());
    assert_eq!(names(&desk.path("link")), [""; 0]);
}

#[test]
fn what_an_export_of_files_left_is_taken_up_by_one_of_another_source() {
    let desk = unsorted();
    let unfinished = desk.path("out/.unfinished");
    fs::create_dir_all(unfinished.join("days")).unwrap();
    fs::write(unfinished.join("days/2026-01-01"), "half a row").unwrap();
    leave(&unfinished.join(format!("by-sequence-{}", gone())));
    let export = ["export", "@out", "--from", "@copied"];
    desk.done(&export);
    desk.done(&["export", "@undisturbed", "--from", "@copied"]);
    assert_eq!(files(&desk.path("out")), files(&desk.path("undisturbed")));
}

#[test]
fn a_folder_of_files_is_none_of_a_process_by_its_name_alone() {
    let desk = unsorted();
    // A lock and a file that no work writes.
    let folder = desk.path(&format!("work/facts-{}", gone()));
    leave(&folder);
    fs::write(folder.join("2024.csv"), "mine").unwrap();
    let before = files(&desk.path("work"));
    desk.done(&[FROM_FILES.as_slice(), &["--work", "@work"]].concat());
    assert_eq!(files(&desk.path("work")), before);
}
