//! Several sorted lists of lines as one.

mod lines;
mod unread;

use std::cmp::Ordering;

use crate::line::Line;
use crate::row;
pub use lines::{FileLines, Lines};
pub use unread::Unread;

/// What makes one line come before another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The stream and the sequence in it. The same line twice is one line.
    Sequence,
    /// The stream alone: within it lines stay as they came, also twice.
    Arrival,
    /// The same in each list. Of a stream in several lists, what should come first does: clocks differ,
    /// and so a later event may lie in an earlier day's file.
    Lists,
}

/// One of the lists, with the line that it stands at.
struct Head {
    lines: Box<dyn Lines>,
    line: Line,
    before: Line,
    /// Which list comes first where lines are equal.
    number: usize,
}

impl Head {
    /// Goes on to the next line, which must not belong before this one.
    fn advance(&mut self, order: Order) -> Result<bool, Unread> {
        std::mem::swap(&mut self.line, &mut self.before);
        if !self.lines.next(&mut self.line)? {
            return Ok(false);
        }
        if before(&self.line, &self.before, order) == Ordering::Less {
            let (path, line) = self.lines.place();
            return Err(Unread::Unsorted { path, line });
        }
        Ok(true)
    }
}

fn before(one: &Line, other: &Line, order: Order) -> Ordering {
    match order {
        Order::Sequence => one.order(other),
        Order::Arrival | Order::Lists => one.stream_bytes().cmp(other.stream_bytes()),
    }
}

/// Whether two lines in one place are one: a row may be there with what is told for analysts, and
/// without it.
fn same(one: &Line, other: &Line) -> bool {
    one.bytes() == other.bytes() || row::same(one, other)
}

/// All lines of several lists, in order.
pub struct Merge {
    order: Order,
    /// A binary heap: each list comes before the two below it.
    heads: Vec<Head>,
    /// Whether the first list's line was handed over.
    taken: bool,
    last: Line,
    repeated: u64,
}

impl Merge {
    /// Begins with the first lines of these lists.
    ///
    /// # Errors
    /// When one can't be read.
    pub fn new(lists: Vec<Box<dyn Lines>>, order: Order) -> Result<Self, Unread> {
        let mut heads = Vec::with_capacity(lists.len());
        for (number, mut lines) in lists.into_iter().enumerate() {
            let mut line = Line::default();
            if lines.next(&mut line)? {
                heads.push(Head { lines, line, before: Line::default(), number });
            }
        }
        let mut merge = Self { order, heads, taken: false, last: Line::default(), repeated: 0 };
        for place in (0..merge.heads.len() / 2).rev() {
            merge.sink(place);
        }
        Ok(merge)
    }

    /// Lines that were there more than once.
    #[must_use]
    pub fn repeated(&self) -> u64 {
        self.repeated
    }

    /// The line that was handed over last, or the second of the two that [`Unread::Fork`] was said of.
    #[must_use]
    pub fn current(&self) -> Option<&Line> {
        self.heads.first().map(|it| &it.line)
    }

    /// The next line, if there is one.
    ///
    /// # Errors
    /// When it can't be read, a list is out of order, or two different lines have one place; after the
    /// last of these it goes on behind them.
    pub fn next_line(&mut self) -> Result<Option<&Line>, Unread> {
        loop {
            if self.taken {
                self.step()?;
            }
            self.taken = true;
            let Some(head) = self.heads.first() else { return Ok(None) };
            if self.order != Order::Sequence || head.line.order(&self.last) != Ordering::Equal {
                break;
            }
            if !same(&head.line, &self.last) {
                let (stream, sequence) = (head.line.stream().to_owned(), head.line.sequence());
                return Err(Unread::Fork { stream, sequence });
            }
            self.repeated += 1;
        }
        Ok(self.heads.first().map(|it| &it.line))
    }

    /// Leaves the line that was handed over.
    fn step(&mut self) -> Result<(), Unread> {
        let Some(head) = self.heads.first_mut() else { return Ok(()) };
        let more = head.advance(self.order)?;
        // What was handed over; the list itself needs it no longer.
        std::mem::swap(&mut self.last, &mut head.before);
        if !more {
            self.heads.swap_remove(0);
        }
        self.sink(0);
        Ok(())
    }

    /// Moves a list down to where it belongs.
    fn sink(&mut self, mut place: usize) {
        loop {
            let first = (2 * place + 1..=2 * place + 2)
                .filter(|it| *it < self.heads.len())
                .min_by(|one, other| self.compare(*one, *other));
            let Some(first) = first else { return };
            if self.compare(first, place) != Ordering::Less {
                return;
            }
            self.heads.swap(first, place);
            place = first;
        }
    }

    fn compare(&self, one: usize, other: usize) -> Ordering {
        let (Some(one), Some(other)) = (self.heads.get(one), self.heads.get(other)) else {
            return Ordering::Equal;
        };
        let lines = match self.order {
            Order::Sequence | Order::Lists => one.line.order(&other.line),
            Order::Arrival => before(&one.line, &other.line, self.order),
        };
        lines.then(one.number.cmp(&other.number))
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    /// A list in memory.
    struct Listed(std::vec::IntoIter<Line>);

    impl Lines for Listed {
        fn next(&mut self, line: &mut Line) -> Result<bool, Unread> {
            let next = self.0.next();
            Ok(next.map(|it| *line = it).is_some())
        }

        fn place(&self) -> (PathBuf, u64) {
            (PathBuf::from("listed"), 0)
        }
    }

    fn list(lines: &[(&str, u64, &str)]) -> Box<dyn Lines> {
        let line = |(stream, sequence, fact): &(&str, u64, &str)| {
            Line::begin(stream, *sequence).member("fact", &format!("\"{fact}\"")).end()
        };
        Box::new(Listed(lines.iter().map(line).collect::<Vec<_>>().into_iter()))
    }

    /// The stream, the sequence and the fact of all lines.
    fn all(merge: &mut Merge) -> Result<Vec<String>, Unread> {
        let mut all = Vec::new();
        while let Some(line) = merge.next_line()? {
            let text = String::from_utf8_lossy(line.bytes()).into_owned();
            let fact = text.rsplit('"').nth(1).unwrap_or_default();
            all.push(format!("{}{} {fact}", line.stream(), line.sequence()));
        }
        Ok(all)
    }

    #[test]
    fn several_lists_are_one_in_order() {
        let lists = vec![
            list(&[("a", 1, "x"), ("b", 2, "x")]),
            list(&[]),
            list(&[("a", 2, "x"), ("c", 1, "x")]),
            list(&[("b", 1, "x"), ("b", 3, "x"), ("d", 1, "x")]),
        ];
        let mut merge = Merge::new(lists, Order::Sequence).unwrap();
        let due = ["a1 x", "a2 x", "b1 x", "b2 x", "b3 x", "c1 x", "d1 x"];
        assert_eq!(all(&mut merge).unwrap(), due);
        assert!(merge.next_line().unwrap().is_none(), "it has ended, and stays so");
    }

    #[test]
    fn a_line_that_is_there_again_is_one_line_by_sequence() {
        let lists = vec![
            list(&[("a", 1, "x"), ("a", 1, "x"), ("a", 2, "y")]),
            list(&[("a", 1, "x"), ("a", 3, "z")]),
        ];
        let mut merge = Merge::new(lists, Order::Sequence).unwrap();
        assert_eq!(all(&mut merge).unwrap(), ["a1 x", "a2 y", "a3 z"]);
        assert_eq!(merge.repeated(), 2);
    }

    #[test]
    fn by_arrival_lines_stay_as_they_came() {
        let lists = vec![
            list(&[("a", 2, "first"), ("a", 1, "first"), ("b", 1, "first")]),
            list(&[("a", 1, "second"), ("a", 1, "second")]),
        ];
        let mut merge = Merge::new(lists, Order::Arrival).unwrap();
        let due = ["a2 first", "a1 first", "a1 second", "a1 second", "b1 first"];
        assert_eq!(all(&mut merge).unwrap(), due);
        assert_eq!(merge.repeated(), 0);
    }

    #[test]
    fn two_different_lines_in_one_place_are_a_fork_and_it_goes_on_behind_it() {
        let lists =
            vec![list(&[("a", 1, "x"), ("b", 1, "x")]), list(&[("a", 1, "y"), ("b", 1, "x")])];
        let mut merge = Merge::new(lists, Order::Sequence).unwrap();
        assert_eq!(merge.next_line().unwrap().unwrap().sequence(), 1);
        let forked = merge.next_line().unwrap_err();
        assert!(matches!(forked, Unread::Fork { stream, sequence: 1 } if stream == "a"));
        assert!(merge.current().unwrap().bytes().ends_with(b"\"y\"}"));
        assert_eq!(all(&mut merge).unwrap(), ["b1 x"]);
    }

    #[test]
    fn a_row_with_what_is_told_for_analysts_is_the_row_without_it() {
        let row = r#"{"stream":"a/1","sequence":1,"commit":1,"id":"i","type":"a.b","version":1,"time":"t","data":{}}"#;
        let told = row.replace("\"data\"", "\"account\":\"acc_1\",\"data\"");
        let lists = |one: &str, other: &str| {
            let list = |text: &str| {
                let mut line = Line::default();
                line.take(text.as_bytes()).unwrap();
                Box::new(Listed(vec![line].into_iter())) as Box<dyn Lines>
            };
            Merge::new(vec![list(one), list(other)], Order::Sequence).unwrap()
        };
        let mut merge = lists(row, &told);
        assert!(merge.next_line().unwrap().is_some());
        assert!(merge.next_line().unwrap().is_none());
        let mut merge = lists(row, &told.replace("{}}", "{\"n\":1}}"));
        assert!(merge.next_line().unwrap().is_some());
        assert!(matches!(merge.next_line(), Err(Unread::Fork { .. })));
    }

    #[test]
    fn a_list_that_is_out_of_order_is_found() {
        let swapped = || vec![list(&[("a", 2, "x"), ("a", 1, "x")])];
        let mut merge = Merge::new(swapped(), Order::Sequence).unwrap();
        assert!(matches!(all(&mut merge), Err(Unread::Unsorted { .. })));
        let mut merge = Merge::new(swapped(), Order::Arrival).unwrap();
        assert_eq!(all(&mut merge).unwrap().len(), 2);
        let mut merge =
            Merge::new(vec![list(&[("b", 1, "x"), ("a", 1, "x")])], Order::Arrival).unwrap();
        assert!(matches!(all(&mut merge), Err(Unread::Unsorted { .. })));
    }
}
