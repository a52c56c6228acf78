//! The figures as people read them.

use std::fmt;

use super::{Stats, Times};

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let it = &self.funnel;
        if let (Some(from), Some(to)) = (self.from, self.to) {
            writeln!(f, "{} events from {from} to {to}\n", self.events)?;
        }
        writeln!(f, "sign-ins behind the right password {:>10}", it.attempts)?;
        writeln!(f, "  without a code                   {:>10}", it.without_code)?;
        let steps = [
            ("  a code was needed", it.code_needed),
            ("  a code was issued", it.code_issued),
            ("  a code was verified", it.verified),
            ("  completed", it.completed),
            ("  the device is trusted", it.trusted),
        ];
        for (name, count) in steps {
            writeln!(f, "{name:<35}{count:>10}  {:>5.1} %", part(count, it.code_needed))?;
        }
        writeln!(f, "  nothing reached the owner        {:>10}", it.unreachable)?;
        for (word, count) in &it.lost {
            writeln!(f, "  {word:<33}{count:>10}")?;
        }
        writeln!(f, "\ntime to code         count    p50 ms    p90 ms    p99 ms    max ms")?;
        for (channel, times) in &self.time_to_code {
            let rows = [
                ("sent", &times.sent),
                ("delivered", &times.delivered),
                ("verified", &times.verified),
            ];
            for (what, Times { count, p50_ms, p90_ms, p99_ms, max_ms }) in rows {
                if *count > 0 {
                    let name = format!("{channel} {what}");
                    write!(f, "{name:<16} {count:>9} {p50_ms:>9} {p90_ms:>9}")?;
                    writeln!(f, " {p99_ms:>9} {max_ms:>9}")?;
                }
            }
        }
        let refused: u64 = self.refused_by_country.values().sum();
        writeln!(
            f,
            "\nwrong passwords {refused:>10}, of them for no account {}",
            self.refused_without_account
        )?;
        for (country, count) in &self.refused_by_country {
            writeln!(f, "  {country:<13} {count:>10}")?;
        }
        writeln!(f, "by hour (UTC)")?;
        for (hour, count) in &self.refused_by_hour {
            writeln!(f, "  {hour:>2} h          {count:>10}")?;
        }
        writeln!(f, "\nwrong codes     {:>10}", self.wrong_codes)?;
        for (channel, it) in &self.deliveries {
            writeln!(f, "\nmessages by {channel}: {} taken up, {} sent", it.messages, it.sent)?;
            for (what, count) in &it.failures {
                writeln!(f, "  {what:<28} {count:>10}")?;
            }
        }
        Ok(())
    }
}

#[expect(clippy::cast_precision_loss, reason = "it is shown, and rounded")]
fn part(count: u64, of: u64) -> f64 {
    if of == 0 { 0.0 } else { count as f64 * 100.0 / of as f64 }
}
