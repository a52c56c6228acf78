//! Whatever ends an export, the next one goes on where it was.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use postern_domain::ports::Clock as _;
use postern_replay::gather::{NotGathered, gather};
use postern_replay::source::Source;
use postern_replay::work::Work;
use postern_runtime::clock::SystemClock;
use serde_json::Value;

use crate::desk::{Desk, files};
use crate::history::{COMMITS, rows, shown, write_file, write_full};

const SECOND: &str = "copied/AWSDynamoDB/01-full/data/two.json.gz";

/// An export of DynamoDB whose second data file is cut off, and that file as it was.
fn cut() -> (Desk, Vec<u8>) {
    let desk = Desk::new();
    write_full(&desk.path("copied"));
    let whole = fs::read(desk.path(SECOND)).unwrap();
    fs::write(desk.path(SECOND), &whole[..whole.len() / 2]).unwrap();
    (desk, whole)
}

#[test]
fn an_export_goes_on_where_it_was_cut_off() {
    let (desk, whole) = cut();
    let export = ["export", "@out", "--from", "@copied"];
    let said = desk.refused(&export);
    assert!(said.contains("what was read is kept, run it again to go on"), "{said}");
    assert!(said.contains("two.json.gz is no file of an export"), "{said}");
    let names: Vec<_> = files(&desk.path("out")).into_iter().map(|it| it.0).collect();
    assert!(names.iter().all(|it| it.starts_with(".unfinished/")), "{names:?}");
    // It stays so as long as the file does.
    assert!(desk.refused(&export).contains("two.json.gz"));
    fs::write(desk.path(SECOND), whole).unwrap();
    let ran = desk.run(&export);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("going on after "), "{}", ran.err);
    desk.done(&["export", "@undisturbed", "--from", "@copied"]);
    assert_eq!(files(&desk.path("out")), files(&desk.path("undisturbed")));
}

#[test]
fn what_was_gathered_before_is_not_read_again() {
    let (desk, whole) = cut();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let source = Source::named(desk.path("copied").to_str().unwrap()).unwrap();
    let work = desk.path("work");
    let cut_off = runtime.block_on(gather(&source, &work, false)).map(|it| it.events);
    assert!(matches!(cut_off, Err(NotGathered::Source(_))));
    fs::write(desk.path(SECOND), whole).unwrap();
    // The first file is not needed any more: not even to be read again.
    fs::write(desk.path("copied/AWSDynamoDB/01-full/data/one.json.gz"), "lost").unwrap();
    let gathered = runtime.block_on(gather(&source, &work, false)).unwrap();
    assert!(gathered.resumed > 0 && gathered.resumed < gathered.events);
    let (mut merge, mut found) = (gathered.sorted.merge().unwrap(), Vec::new());
    while let Some(line) = merge.next_line().unwrap() {
        found.push(String::from_utf8(line.bytes().to_vec()).unwrap());
    }
    let due: Vec<_> = rows().into_iter().map(|it| it.text).collect();
    assert!(found == due, "all rows are there, each once");
    drop(merge);
    gathered.work.finish().unwrap();
    assert!(!work.exists());
}

#[test]
fn verifying_goes_on_too() {
    let (desk, whole) = cut();
    let verify = ["verify", "--from", "@copied"];
    desk.refused(&verify);
    assert!(!desk.is_tidy(), "what was read is kept");
    fs::write(desk.path(SECOND), whole).unwrap();
    assert_eq!(desk.done(&verify), "284 events of 79 streams: whole\n");
    assert!(desk.is_tidy());
}

/// A log of then is not taken for one of now.
#[test]
fn every_command_says_what_was_read_before_and_when_that_began() {
    let stream = rows()[0].stream.clone();
    let attempt =
        rows().iter().find(|it| it.stream.starts_with("sign_in/")).unwrap().stream.clone();
    let asked: [&[&str]; 5] = [
        &["verify"],
        &["stats"],
        &["replay", "accounts"],
        &["show", &stream],
        &["explain", &attempt],
    ];
    for command in asked {
        let (desk, whole) = cut();
        let asked = [command, &["--from", "@copied", "--work", "@work"]].concat();
        let before = SystemClock.now();
        assert!(!desk.refused(&asked).contains("going on after"), "{command:?}");
        let progress = fs::read_to_string(desk.path("work/progress.json")).unwrap();
        let progress: Value = serde_json::from_str(&progress).unwrap();
        let begun: Timestamp = progress["begun"].as_str().unwrap().parse().unwrap();
        assert!(before <= begun && begun <= SystemClock.now());
        fs::write(desk.path(SECOND), whole).unwrap();
        let ran = desk.run(&asked);
        let rows = &progress["events"];
        let due = format!(
            "postern: going on after {rows} rows that were read before (begun at {begun})\n"
        );
        assert_eq!((ran.code, ran.err.as_str()), (0, due.as_str()), "{command:?}");
    }
}

#[test]
fn two_do_not_work_in_one_folder() {
    let desk = Desk::new();
    write_full(&desk.path("copied"));
    let source = Source::named(desk.path("copied").to_str().unwrap()).unwrap();
    let held = Work::take(&desk.path("work"), &source.to_string(), None).unwrap();
    let verify = ["verify", "--from", "@copied", "--work", "@work"];
    let said = desk.refused(&verify);
    assert!(said.contains("another process works in ") && said.contains("/work"), "{said}");
    drop(held);
    desk.done(&verify);
}

#[test]
fn work_on_another_source_is_refused_and_stays() {
    let (desk, whole) = cut();
    desk.refused(&["verify", "--from", "@copied", "--work", "@work"]);
    let kept = files(&desk.path("work"));
    write_full(&desk.path("other"));
    let said = desk.refused(&["verify", "--from", "@other", "--work", "@work"]);
    assert!(said.contains("holds work on ") && said.contains("/copied/"), "{said}");
    assert_eq!(files(&desk.path("work")), kept);
    fs::write(desk.path(SECOND), whole).unwrap();
    desk.done(&["verify", "--from", "@copied", "--work", "@work"]);
}

#[test]
fn an_increment_that_comes_between_is_another_source() {
    let (desk, whole) = cut();
    let folder = desk.path("copied/AWSDynamoDB");
    for id in ["02-x", "04-x"] {
        fs::create_dir(folder.join(id)).unwrap();
        fs::write(folder.join(id).join("manifest-files.json"), "").unwrap();
    }
    let verify = ["verify", "--from", "@copied", "--work", "@work"];
    desk.refused(&verify);
    fs::create_dir(folder.join("03-x")).unwrap();
    fs::write(folder.join("03-x/manifest-files.json"), "").unwrap();
    fs::write(desk.path(SECOND), whole).unwrap();
    assert!(desk.refused(&verify).contains("holds work on "));
}

#[test]
fn an_export_from_files_is_begun_anew_and_ends_the_same() {
    let desk = Desk::new();
    let all = rows();
    let (less, more) = all.split_at(all.len() / 2);
    // A line that is cut off.
    let mut torn = all.clone();
    torn.last_mut().unwrap().text.truncate(200);
    write_file(&desk.path("log.jsonl"), &torn);
    let export = ["export", "@out", "--from", "@log.jsonl"];
    desk.refused(&export);
    assert!(desk.path("out/.unfinished").is_dir());
    write_file(&desk.path("log.jsonl"), &[more, less].concat());
    desk.done(&export);
    desk.done(&["export", "@undisturbed", "--from", "@log.jsonl"]);
    assert_eq!(files(&desk.path("out")), files(&desk.path("undisturbed")));
}

#[test]
fn days_that_were_in_their_place_when_an_export_was_killed_do_not_stay() {
    let desk = Desk::new();
    write_file(&desk.path("log.jsonl"), &rows());
    // As after a kill: of the same days in another form, and of a day that this log has not.
    for day in ["2026-01-01", "1999-12-31"] {
        write_file(&desk.path(&format!("out/date={day}/events.jsonl")), &rows());
    }
    fs::create_dir(desk.path("out/.unfinished")).unwrap();
    desk.done(&["export", "@out", "--from", "@log.jsonl", "--format", "parquet"]);
    desk.done(&["export", "@undisturbed", "--from", "@log.jsonl", "--format", "parquet"]);
    assert_eq!(files(&desk.path("out")), files(&desk.path("undisturbed")));
    assert_eq!(desk.verify("@out").1, 0);
}

#[test]
fn an_export_into_one_file_that_was_killed_in_its_last_moment_is_done_again() {
    let desk = Desk::new();
    write_file(&desk.path("log.jsonl"), &rows());
    let export = ["export", "@one.jsonl", "--from", "@log.jsonl"];
    desk.done(&export);
    let due = fs::read(desk.path("one.jsonl")).unwrap();
    // Begun and cut off before: then the file is somebody else's.
    let making = desk.path(".one.jsonl.unfinished/days");
    fs::create_dir_all(&making).unwrap();
    fs::write(making.join("whole"), &due).unwrap();
    assert!(desk.refused(&export).contains("exists"));
    assert!(fs::read(desk.path("one.jsonl")).unwrap() == due);
    // Both names are one file's in the last moment.
    fs::remove_file(making.join("whole")).unwrap();
    fs::hard_link(desk.path("one.jsonl"), making.join("whole")).unwrap();
    desk.done(&export);
    assert!(fs::read(desk.path("one.jsonl")).unwrap() == due);
    assert!(!desk.path(".one.jsonl.unfinished").exists());
}

/// Bytes of a line, so that half of the log is more than what is kept at once.
const WIDE: usize = 32 * 1024;

/// A local stack which is cut off in the midst of its log when it is asked first, and after which commit
/// it was asked each time.
fn stack() -> (String, Receiver<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (asked, all) = channel();
    thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let stream = stream.unwrap();
            let mut head = BufReader::new(&stream).lines().map(Result::unwrap);
            let first = head.find(|it| it.starts_with("GET /_local/events?after=")).unwrap();
            head.find(String::is_empty).unwrap();
            let after = first.split(['=', ' ']).nth(2).unwrap().parse().unwrap();
            asked.send(after).unwrap();
            show(stream, after, number == 0);
        }
    });
    (address, all)
}

fn show(mut stream: TcpStream, after: usize, cut: bool) {
    let lines = COMMITS.iter().enumerate().skip(after).map(|(before, commit)| {
        let line = shown(before + 1, commit);
        format!("{:WIDE$}}}\n", line.strip_suffix('}').unwrap())
    });
    let mut body: String = lines.collect();
    if cut {
        body.truncate(body.len() / 2);
        body.push_str("{\"cursor\":");
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n").unwrap();
    stream.write_all(body.as_bytes()).unwrap();
}

/// As if the reading had begun so long ago; nobody knows when, without hours. Gives what is told of it.
fn begun_before(progress: &Path, hours: Option<i64>) -> (Value, String) {
    let text = fs::read_to_string(progress).unwrap();
    let mut told: Value = serde_json::from_str(&text).unwrap();
    let begun = hours.map(|it| SystemClock.now() - SignedDuration::from_hours(it));
    told["begun"] = begun.map_or(Value::Null, |it| it.to_string().into());
    fs::write(progress, told.to_string()).unwrap();
    let ago = Duration::from_hours(hours.unwrap_or_default().unsigned_abs());
    let written = fs::metadata(progress).unwrap().modified().unwrap();
    File::open(progress).unwrap().set_modified(written - ago).unwrap();
    let said = begun.map_or(String::new(), |it| format!(" (begun at {it})"));
    (told, said)
}

/// Reads a stack, is cut off, and reads it again after some hours: what is said, and from where it is read.
#[track_caller]
fn goes_on(words: &[&str], kept: &str, hours: Option<i64>, anew: bool) {
    let (desk, (address, asked)) = (Desk::new(), stack());
    let words = [words, &["--from", &address]].concat();
    assert!(desk.refused(&words).contains("its last line has no end"));
    let mut kept = files(&desk.path(kept)).into_iter().map(|it| desk.path(kept).join(it.0));
    let progress = kept.find(|it| it.ends_with("progress.json")).unwrap();
    let (told, begun) = begun_before(&progress, hours);
    let (rows, mark) = (told["events"].as_u64().unwrap(), told["marks"]["0"].as_u64().unwrap());
    assert!(0 < rows && rows < 284 && 0 < mark);
    let ran = desk.run(&words);
    let (due, after) = if anew {
        (
            format!(
                "postern: {rows} rows that were read before{begun} are older than 6 hours: all is read anew\n"
            ),
            0,
        )
    } else {
        (
            format!("postern: going on after {rows} rows that were read before{begun}\n"),
            usize::try_from(mark).unwrap(),
        )
    };
    assert_eq!((ran.code, ran.err), (0, due), "{words:?}");
    assert!(ran.out.starts_with("284 events of 79 streams"), "{}", ran.out);
    assert_eq!(asked.try_iter().collect::<Vec<_>>(), [0, after]);
}

#[test]
fn a_log_that_changes_is_gone_on_with_for_six_hours_wherever_it_is_kept() {
    let all: [(&[&str], &str); 3] = [
        (&["verify"], "cache"),
        (&["verify", "--work", "@work"], "work"),
        (&["export", "@out"], "out"),
    ];
    for (words, kept) in all {
        goes_on(words, kept, Some(5), false);
        goes_on(words, kept, Some(7), true);
        goes_on(words, kept, None, true);
    }
}

#[test]
fn what_does_not_change_is_gone_on_with_however_old_it_is() {
    let (desk, whole) = cut();
    let verify = ["verify", "--from", "@copied", "--work", "@work"];
    desk.refused(&verify);
    let (told, begun) = begun_before(&desk.path("work/progress.json"), Some(1000));
    fs::write(desk.path(SECOND), whole).unwrap();
    let ran = desk.run(&verify);
    let rows = &told["events"];
    let due = format!("postern: going on after {rows} rows that were read before{begun}\n");
    assert_eq!((ran.code, ran.err), (0, due));
}
