//! What somebody has planted in the log to be obeyed by a terminal is shown, and not obeyed.

use crate::breaks::longest;
use crate::desk::Desk;
use crate::history::{Entry, rows, write_file};

/// Ends its line, wipes the screen, and says what no program said; as it stands in JSON.
const PLANTED: &str = r"x\u001b[2J\r\n284 events of 79 streams: whole\u009b";
/// The same as it is shown.
const SHOWN: &str = r"x\u{1b}[2J\r\n284 events of 79 streams: whole\u{9b}";

/// A desk with a log whose fifth event of the longest stream is called so, and that stream.
fn planted(change: impl FnOnce(&mut Entry)) -> (Desk, String) {
    let (desk, mut rows) = (Desk::new(), rows());
    let stream = longest(&rows);
    let it = rows.iter_mut().find(|it| it.stream == stream && it.sequence == 5).unwrap();
    it.replace("\"type\":\"account.device_seen\"", &format!("\"type\":\"{PLANTED}\""));
    change(it);
    write_file(&desk.path("log.jsonl"), &rows);
    (desk, stream)
}

#[test]
fn what_is_called_so_that_a_terminal_obeys_it_is_told_in_one_line() {
    let (desk, stream) = planted(|it| {
        let time = it.member("time");
        it.replace(&format!("\"time\":\"{time}\""), r#""time":"\u001b]0;now\u0007""#);
    });
    let ran = desk.run(&["tail", "--from", "@log.jsonl", "-n", "284"]);
    let due = format!("{:<24} {SHOWN} {stream} 5", r"\u{1b}]0;now\u{7}");
    assert_eq!((ran.out.lines().next(), ran.out.lines().count()), (Some(due.as_str()), 284));
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
}

#[test]
fn a_line_that_says_the_log_is_whole_can_not_be_planted_into_one_that_is_broken() {
    let (desk, stream) = planted(|_| {});
    let ran = desk.run(&["verify", "--from", "@log.jsonl"]);
    let due = format!(
        "284 events of 79 streams: 1 streams are broken\n  \
         {stream} version 5, event 5: no stream of its kind has events called {SHOWN}\n"
    );
    assert_eq!((ran.out, ran.code), (due, 13));
}
